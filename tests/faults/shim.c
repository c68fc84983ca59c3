/* Laid between a program and the C library (LD_PRELOAD), in every process of a run: counts the
 * calls that change something or go over a network, and spoils the one that a test has chosen.
 * Built by the tests with `cc`; no part of the product. What it does is said by a file that all
 * processes of the run have mapped, of which RA_FAULTS is the name. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 1, PIPES = 2, SOCKETS = 4, PROCESSES = 8 };
enum { COUNT, ONCE, ONWARD, KILL_ONE, KILL_ALL, SHORT };
enum { PEOPLE = 4096 };

struct state {
    uint32_t mode, target, error, classes;
    /* Written here, read by the test. */
    uint32_t counted, hit, people;
    uint32_t person[PEOPLE];
    char what[512];
    /* When each began, in ticks of the system: its number alone may be a stranger's by now. */
    uint32_t birth[PEOPLE];
};

static struct state *state;
static int log_to = -1;

static void map(void) {
    const char *name = getenv("RA_FAULTS");
    if (!name) return;
    int fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped != MAP_FAILED) state = mapped;
    name = getenv("RA_FAULTS_LOG");
    if (name) {
        fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        /* Out of the way of programs that count on low numbers. */
        log_to = fd < 0 ? -1 : syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
        if (fd >= 0) syscall(SYS_close, fd);
    }
}

static struct state *shared(void) {
    static int tried;
    if (!state && !tried) {
        tried = 1;
        map();
    }
    return state;
}

static uint32_t born(uint32_t person) {
    char name[40], text[1024];
    snprintf(name, sizeof name, "/proc/%u/stat", person);
    int fd = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    text[length < 0 ? 0 : length] = 0;
    /* Field 22; the second ends with the last parenthesis. */
    char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? (uint32_t)strtoull(at + 1, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
    if (!shared()) return;
    uint32_t at = __atomic_fetch_add(&state->people, 1, __ATOMIC_SEQ_CST);
    if (at >= PEOPLE) return;
    state->birth[at] = born((uint32_t)getpid());
    state->person[at] = (uint32_t)getpid();
}

/* A number that is free again may be given to a stranger. */
__attribute__((destructor)) static void end(void) {
    if (!state) return;
    for (uint32_t at = 0; at < PEOPLE && at < state->people; at++)
        if (state->person[at] == (uint32_t)getpid()) state->person[at] = 0;
}

/* `path` may be two with a tab between. */
static void note(char *text, size_t room, const char *call, const char *path) {
    char here[300] = "";
    if (*path != '/' && !strchr(path, '[') && getcwd(here, sizeof here - 1)) strcat(here, "/");
    snprintf(text, room, "%s[%d] %s %s%s", program_invocation_short_name, (int)getpid(), call, here, path);
}

/* Counts a call. What it returns is 0 where the call is to go on, else an error number; or -1
 * where half of it is to be done. */
static int spoil(int class, const char *call, const char *path) {
    if (!shared() || !(state->classes & class)) return 0;
    uint32_t number = __atomic_add_fetch(&state->counted, 1, __ATOMIC_SEQ_CST);
    if (log_to >= 0) {
        char line[700];
        note(line, sizeof line - 1, call, path);
        strcat(line, "\n");
        syscall(SYS_write, log_to, line, strlen(line));
    }
    int chosen = state->mode == ONWARD ? number >= state->target : number == state->target;
    if (state->mode == COUNT || !chosen) return 0;
    /* On a disk that is full, and stays so, what takes no room goes on. */
    int takes_none = !strcmp(call, "unlink") || !strcmp(call, "rmdir") || !strcmp(call, "chmod");
    if (state->mode == ONWARD && state->error == ENOSPC && takes_none) return 0;
    if (!__atomic_fetch_add(&state->hit, 1, __ATOMIC_SEQ_CST))
        note(state->what, sizeof state->what, call, path);
    if (state->mode == KILL_ALL)
        for (uint32_t at = 0; at < PEOPLE && at < state->people; at++) {
            /* Read once: it may become 0 meanwhile, which names the whole group, tests and all. */
            uint32_t person = __atomic_load_n(&state->person[at], __ATOMIC_SEQ_CST);
            if (person && person != (uint32_t)getpid() && state->birth[at] == born(person))
                syscall(SYS_kill, person, SIGKILL);
        }
    if (state->mode == KILL_ALL || state->mode == KILL_ONE) {
        syscall(SYS_kill, getpid(), SIGKILL);
        pause();
    }
    return state->mode == SHORT ? -1 : (int)state->error;
}

/* What kind of thing a descriptor is: 0 for what is left alone. */
static int class_of(int fd, char *path, size_t room) {
    struct stat about;
    if (!shared() || fd == 2 || fstat(fd, &about)) return 0;
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, room - 1);
    path[length < 0 ? 0 : length] = 0;
    if (S_ISREG(about.st_mode)) return strncmp(path, "/memfd", 6) ? FILES : 0;
    if (S_ISFIFO(about.st_mode)) return PIPES;
    if (S_ISSOCK(about.st_mode)) return SOCKETS;
    return 0;
}

static int spoil_pair(const char *call, const char *from, const char *to) {
    char both[600];
    snprintf(both, sizeof both, "%s\t%s", from, to);
    return spoil(FILES, call, both);
}

#define REFUSE(class, call, path)                   \
    do {                                            \
        int error = spoil(class, call, path);       \
        if (error > 0) {                            \
            errno = error;                          \
            return -1;                              \
        }                                           \
    } while (0)

#define REFUSE_PAIR(call, from, to)                 \
    do {                                            \
        int error = spoil_pair(call, from, to);     \
        if (error > 0) {                            \
            errno = error;                          \
            return -1;                              \
        }                                           \
    } while (0)

/* As REFUSE, of a call on a descriptor; `half` is done where half is to be. */
#define REFUSE_AT(fd, call, half)                               \
    do {                                                        \
        char path[400];                                         \
        int class = class_of(fd, path, sizeof path);            \
        int error = class ? spoil(class, call, path) : 0;       \
        if (error > 0) {                                        \
            errno = error;                                      \
            return -1;                                          \
        }                                                       \
        if (error < 0) return half;                             \
    } while (0)

static int is_of_the_system(const char *path) {
    return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REFUSE_AT(fd, "write", syscall(SYS_write, fd, bytes, length > 1 ? length / 2 : length));
    return syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
    REFUSE_AT(fd, "pwrite", syscall(SYS_pwrite64, fd, bytes, length > 1 ? length / 2 : length, at));
    return syscall(SYS_pwrite64, fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    return pwrite64(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REFUSE_AT(fd, "writev", syscall(SYS_writev, fd, parts, 1));
    return syscall(SYS_writev, fd, parts, count);
}

static int open_as(int folder, const char *path, int flags, mode_t mode) {
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && !is_of_the_system(path))
        REFUSE(FILES, "open", path);
    return syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(flags, mode)                                  \
    mode_t mode = 0;                                       \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                 \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode = va_arg(rest, mode_t);                       \
        va_end(rest);                                      \
    }

int open64(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_as(AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_as(AT_FDCWD, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_as(folder, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    MODE(flags, mode)
    return open_as(folder, path, flags, mode);
}

int __open64_2(const char *path, int flags) { return open_as(AT_FDCWD, path, flags, 0); }
int __open_2(const char *path, int flags) { return open_as(AT_FDCWD, path, flags, 0); }

int creat64(const char *path, mode_t mode) {
    return open_as(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat(const char *path, mode_t mode) { return creat64(path, mode); }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

FILE *fopen64(const char *path, const char *mode) {
    if (strpbrk(mode, "wa+") && !is_of_the_system(path)) {
        int error = spoil(FILES, "fopen", path);
        if (error > 0) {
            errno = error;
            return NULL;
        }
    }
    return NEXT(fopen64)(path, mode);
}

FILE *fopen(const char *path, const char *mode) { return fopen64(path, mode); }

/* There is no half of it: it has written everything, or says that it has not. */
int fflush(FILE *file) {
    if (file && fileno(file) >= 0 && __fpending(file)) {
        char path[400];
        int class = class_of(fileno(file), path, sizeof path);
        int error = class ? spoil(class, "fflush", path) : 0;
        if (error > 0) {
            errno = error;
            return EOF;
        }
    }
    return NEXT(fflush)(file);
}

int fclose(FILE *file) {
    if (fileno(file) >= 0 && __fpending(file)) {
        char path[400];
        int class = class_of(fileno(file), path, sizeof path);
        int error = class ? spoil(class, "fclose", path) : 0;
        if (error > 0) {
            NEXT(fclose)(file);
            errno = error;
            return EOF;
        }
    }
    return NEXT(fclose)(file);
}

int rename(const char *from, const char *to) {
    REFUSE_PAIR("rename", from, to);
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int one, const char *from, int other, const char *to) {
    REFUSE_PAIR("rename", from, to);
    return syscall(SYS_renameat2, one, from, other, to, 0);
}

int link(const char *from, const char *to) {
    REFUSE_PAIR("link", from, to);
    return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int one, const char *from, int other, const char *to, int flags) {
    REFUSE_PAIR("link", from, to);
    return syscall(SYS_linkat, one, from, other, to, flags);
}

int symlink(const char *from, const char *to) {
    REFUSE(FILES, "symlink", to);
    return syscall(SYS_symlinkat, from, AT_FDCWD, to);
}

int unlink(const char *path) {
    REFUSE(FILES, "unlink", path);
    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags) {
    REFUSE(FILES, "unlink", path);
    return syscall(SYS_unlinkat, folder, path, flags);
}

int rmdir(const char *path) {
    REFUSE(FILES, "rmdir", path);
    return syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode) {
    REFUSE(FILES, "mkdir", path);
    return syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    REFUSE(FILES, "mkdir", path);
    return syscall(SYS_mkdirat, folder, path, mode);
}

int chmod(const char *path, mode_t mode) {
    REFUSE(FILES, "chmod", path);
    return syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

int fsync(int fd) {
    REFUSE_AT(fd, "fsync", 0);
    return syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    REFUSE_AT(fd, "fdatasync", 0);
    return syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off_t length) {
    REFUSE_AT(fd, "ftruncate", 0);
    return syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int flock(int fd, int how) {
    REFUSE_AT(fd, "flock", 0);
    return syscall(SYS_flock, fd, how);
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
    REFUSE_AT(fd, "connect", 0);
    return syscall(SYS_connect, fd, to, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    REFUSE_AT(fd, "send", syscall(SYS_sendto, fd, bytes, length > 1 ? length / 2 : length, flags, NULL, 0));
    return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    REFUSE_AT(fd, "recv", syscall(SYS_recvfrom, fd, bytes, length > 1 ? length / 2 : length, flags, NULL, NULL));
    return syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
}

/* A clock that is wrong by RA_CLOCK seconds, from counted call RA_CLOCK_AT on. */
static long shift(void) {
    const char *seconds = getenv("RA_CLOCK"), *at = getenv("RA_CLOCK_AT");
    if (!seconds) return 0;
    if (at && (!shared() || state->counted < (uint32_t)atol(at))) return 0;
    return atol(seconds);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec time;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[], char *const environ_[]) {
    int error = spoil(PROCESSES, "posix_spawnp", file);
    if (error > 0) return error;
    return NEXT(posix_spawnp)(pid, file, actions, attributes, words, environ_);
}

pid_t fork(void) {
    REFUSE(PROCESSES, "fork", "");
    return NEXT(fork)();
}
