//! A model is asked through the built program, over the wire of each protocol: what it answers,
//! how it fails, what it costs, and what never leaves the machine.

mod answerers;
mod certificates;
mod endpoints;
mod faults;
mod first_run;
mod guards;
mod independent;
mod lenient;
mod limits;
mod money;
mod pace;
mod quiet;
mod recipes;
mod remembered;
mod windows;
