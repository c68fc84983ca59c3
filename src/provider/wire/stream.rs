//! An answer that comes in events, put together to what it would be whole: for servers that know no
//! other. It is read when it has ended; nothing is shown meanwhile. Not how an answer is understood.

use serde_json::{Map, Value, json};

/// The whole answer of a stream: events as servers send them (`data: {…}`), or a line of JSON each
/// as Ollama does. Nothing if it is none.
pub(super) fn whole(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let events = events(text)?;
    let error = events
        .iter()
        .find(|event| event.get("error").is_some_and(|e| !e.is_null()));
    if let Some(error) = error {
        return Some(error.clone());
    }
    let of = |name: &str| events.iter().any(|event| event.get(name).is_some());
    if of("choices") {
        Some(chat(&events))
    } else if of("response") {
        // The last one holds all of it.
        let mut ends = events.iter().filter_map(|event| event.get("response"));
        ends.rfind(|response| response["status"] != "in_progress")
            .cloned()
    } else if events.iter().any(|event| event["type"] == "message_start") {
        Some(anthropic(&events))
    } else if of("message") {
        Some(ollama(&events))
    } else {
        None
    }
}

fn events(text: &str) -> Option<Vec<Value>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_sse = text.trim_start().starts_with("data:")
        || text.trim_start().starts_with("event:")
        || text.trim_start().starts_with(':');
    let json = lines.filter_map(|line| {
        if is_sse {
            line.strip_prefix("data:")
                .map(str::trim)
                .filter(|data| *data != "[DONE]")
        } else {
            Some(line)
        }
    });
    // One that cannot be read is one too few.
    let events: Option<Vec<Value>> = json.map(|line| serde_json::from_str(line).ok()).collect();
    events.filter(|events| !events.is_empty() && events.iter().all(Value::is_object))
}

fn chat(events: &[Value]) -> Value {
    let (mut text, mut refusal, mut reason) = (String::new(), String::new(), Value::Null);
    let mut usage = Value::Null;
    for event in events {
        let choice = event.pointer("/choices/0").unwrap_or(&Value::Null);
        let part = |name: &str| choice["delta"].get(name).and_then(Value::as_str);
        text.push_str(part("content").unwrap_or_default());
        refusal.push_str(part("refusal").unwrap_or_default());
        keep(&mut reason, &choice["finish_reason"]);
        keep(&mut usage, &event["usage"]);
    }
    let mut message = json!({"role": "assistant", "content": text});
    if !refusal.is_empty() {
        message["refusal"] = refusal.into();
    }
    json!({"choices": [{"finish_reason": reason, "message": message}], "usage": usage})
}

fn anthropic(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let (mut text, mut given) = (String::new(), String::new());
    for event in events {
        keep(&mut message, &event["message"]);
        let delta = &event["delta"];
        text.push_str(delta["text"].as_str().unwrap_or_default());
        given.push_str(delta["partial_json"].as_str().unwrap_or_default());
        for name in ["stop_reason", "stop_details"] {
            if !delta[name].is_null() && message.is_object() {
                message[name] = delta[name].clone();
            }
        }
        let Some(usage) = message.get_mut("usage").and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, count) in event["usage"].as_object().into_iter().flatten() {
            usage.insert(name.clone(), count.clone());
        }
    }
    let words = if text.trim().is_empty() { given } else { text };
    if message.is_object() {
        message["content"] = json!([{"type": "text", "text": words}]);
    }
    message
}

fn ollama(events: &[Value]) -> Value {
    let mut whole = Map::new();
    let mut text = String::new();
    for event in events {
        text.push_str(event["message"]["content"].as_str().unwrap_or_default());
        whole.extend(
            event
                .as_object()
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone())),
        );
    }
    whole.insert(
        "message".to_owned(),
        json!({"role": "assistant", "content": text}),
    );
    Value::Object(whole)
}

fn keep(kept: &mut Value, value: &Value) {
    if !value.is_null() {
        *kept = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::request;
    use super::super::understand;
    use crate::provider::{Class, Protocol};

    fn heard(protocol: Protocol, body: &str) -> Result<(String, u64, u64), Class> {
        let reply = understand(protocol, &request(), 200, body.as_bytes().to_vec());
        let reply = reply.map_err(|failure| failure.class)?;
        Ok((reply.text, reply.tokens.input, reply.tokens.output))
    }

    #[test]
    fn every_protocols_stream_is_one_answer() {
        let chat = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"{\\\"a\\\"\"}}]}\n\n\
            : a comment\n\
            data: {\"choices\":[{\"delta\":{\"content\":\":1}\"},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n\
            data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\ndata: [DONE]\n";
        let responses = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\"output\":[]}}\n\n\
            event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"{\\\"a\\\":1}\"}]}],\"usage\":{\"input_tokens\":7,\"output_tokens\":3}}}\n";
        let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n\
            event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"{\\\"a\\\"\"}}\n\n\
            data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\":1}\"}}\n\n\
            data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":3}}\n";
        let ollama = "{\"message\":{\"content\":\"{\\\"a\\\"\"},\"done\":false}\n\
            {\"message\":{\"content\":\":1}\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":3}\n";
        for (protocol, body) in [
            (Protocol::Chat, chat),
            (Protocol::Responses, responses),
            (Protocol::Anthropic, anthropic),
            (Protocol::Ollama, ollama),
        ] {
            let expected = ("{\"a\":1}".to_owned(), 7, 3);
            assert_eq!(heard(protocol, body), Ok(expected), "{protocol}");
        }
    }

    #[test]
    fn a_stream_that_says_so_or_breaks_off_is_no_answer() {
        let cut =
            "data: {\"choices\":[{\"delta\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}\n";
        assert_eq!(heard(Protocol::Chat, cut), Err(Class::Truncated));
        let error =
            "data: {\"choices\":[]}\ndata: {\"error\":{\"code\":502,\"message\":\"gone\"}}\n";
        assert_eq!(heard(Protocol::Chat, error), Err(Class::Overload));
        for broken in [
            "data: {\"choices\":[{\"delta\":{\"content\":\"{}\"}}]}\ndata: {\"cho",
            "data:",
            "{}\n{}",
            "data: 7",
        ] {
            assert_eq!(
                heard(Protocol::Chat, broken),
                Err(Class::Protocol),
                "{broken}"
            );
        }
    }
}
