/* Measures what a benchmark in Node cannot: whole processes from vfork to exit without the weight of the process that
 * starts them, with their CPU time and peak memory (wait4), and requests over a Unix socket. Every peer is measured by it.
 *
 *   measure run INPUT PROGRAM [ARG...]            wall, user and system time in us, peak in kB, exit code; stdout discarded
 *   measure ask SOCKET INPUT END COUNT THREADS    one line a request: us from connect to answer
 *
 * INPUT is a file for standard input, or the bytes of one request. END: `line` reads an answer to its newline, `eof`
 * ends our half and reads to the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  exit(70);
}

static long long now_us(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
}

static long long time_us(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static int run(const char *input, char **command) {
  int in = open(input, O_RDONLY | O_CLOEXEC), out = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (in < 0 || out < 0) fail(input);
  long long start = now_us();
  pid_t child = vfork();
  if (child == 0) {
    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    execv(command[0], command);
    _exit(127);
  }
  if (child < 0) fail("vfork");
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) fail("wait4");
  printf("%lld %lld %lld %ld %d\n", now_us() - start, time_us(usage.ru_utime), time_us(usage.ru_stime), usage.ru_maxrss,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static char request[65536];
static size_t request_size;
static int until_line, count, threads;
static long long *times;

static void ask(long long *time) {
  char answer[65536];
  ssize_t size = 0;
  long long start = now_us();
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  if (write(connection, request, request_size) != (ssize_t)request_size) fail("write");
  if (!until_line && shutdown(connection, SHUT_WR) < 0) fail("shutdown");
  for (ssize_t got; (got = read(connection, answer + size, sizeof answer - (size_t)size)) != 0;) {
    if (got < 0) fail("read");
    size += got;
    if (until_line && answer[size - 1] == '\n') break;
  }
  *time = now_us() - start;
  /* An empty answer, or an error, must not count as a fast one. */
  if (memmem(answer, (size_t)size, "\"result\"", 8) == NULL && memmem(answer, (size_t)size, "password=", 9) == NULL) {
    errno = EPROTO;
    fail("answer");
  }
  close(connection);
}

static void *ask_share(void *thread) {
  for (long i = (long)thread; i < count; i += threads) ask(&times[i]);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc >= 4 && strcmp(argv[1], "run") == 0) return run(argv[2], argv + 3);
  if (argc != 7 || strcmp(argv[1], "ask") != 0) {
    fputs("usage: measure run INPUT PROGRAM [ARG...] | measure ask SOCKET INPUT END COUNT THREADS\n", stderr);
    return 64;
  }
  if (strlen(argv[2]) >= sizeof address.sun_path) fail("SOCKET");
  strcpy(address.sun_path, argv[2]);
  FILE *file = fopen(argv[3], "r");
  if (file == NULL) fail(argv[3]);
  request_size = fread(request, 1, sizeof request, file);
  until_line = strcmp(argv[4], "line") == 0;
  count = atoi(argv[5]);
  threads = atoi(argv[6]);
  times = calloc((size_t)count, sizeof *times);
  pthread_t *workers = calloc((size_t)threads, sizeof *workers);
  for (long i = 0; i < threads; i += 1)
    if (pthread_create(&workers[i], NULL, ask_share, (void *)i) != 0) fail("pthread_create");
  for (int i = 0; i < threads; i += 1) pthread_join(workers[i], NULL);
  for (int i = 0; i < count; i += 1) printf("%lld\n", times[i]);
  return 0;
}
