/* Readers of event streams, several per process, and the floor that an agent is measured against.
 *
 * fan read PORT PATH COUNT   opens COUNT streams; prints `ready` when each has had its first event, and
 *                            then `MARK LAST` for each mark that all of them have had: the mark is the
 *                            value of the key in the event, LAST when the last of them had it
 * fan floor                  prints the port that it listens on; for each line that it reads, a mark,
 *                            writes an event with it to everybody, with one system call each
 *
 * In C, because Swift's Glibc has no epoll. All times are microseconds since 1970. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 16 };
static int epoll;
static char buffer[65536];

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void watch(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)) err(1, "epoll_ctl");
}

static void send_all(int descriptor, const char *bytes, size_t size) {
  if (write(descriptor, bytes, size) != (ssize_t)size) err(1, "write");
}

static void read_streams(int port, const char *path, int count) {
  static char is_begun[MOST];
  struct sockaddr_in address = loopback(port);
  char request[512];
  int size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  for (int i = 0; i < count; i++) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || descriptor >= MOST) err(1, "socket");
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) err(1, "connect");
    send_all(descriptor, request, size);
    watch(descriptor);
  }
  int begun = 0, seen = 0;
  long current = 0;
  struct epoll_event events[1024];
  for (;;) {
    int ready = epoll_wait(epoll, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      int descriptor = events[i].data.fd;
      ssize_t got = read(descriptor, buffer, sizeof buffer - 1);
      if (got <= 0) errx(1, "a stream has ended");
      buffer[got] = 0;
      char *value = strstr(buffer, "\"value\":");
      if (!value) continue;
      if (begun < count) {
        begun += !is_begun[descriptor];
        is_begun[descriptor] = 1;
        if (begun == count) puts("ready"), fflush(stdout);
        continue;
      }
      long mark = atol(value + 8);
      if (mark != current) current = mark, seen = 0;
      if (++seen == count) printf("%ld %ld\n", mark, now()), fflush(stdout);
    }
  }
}

/* As long as the agent's. */
static size_t make_event(char *bytes, size_t room, const char *mark) {
  char text[1024];
  int size = snprintf(text, sizeof text,
      "event: change\nid: 1763890000-%032d\ndata: {\"format\":1,\"service\":\"bench\",\"epoch\":1763890000,"
      "\"state\":\"READY\",\"org_id\":1,\"changes\":{\"mark\":{\"value\":%s,\"type\":\"integer\","
      "\"version\":1000,\"org_id\":1,\"changed_us\":1763890000000000}}}\n\n", 0, mark);
  return snprintf(bytes, room, "%x\r\n%s\r\n", size, text);
}

static void serve_floor(void) {
  static int readers[MOST];
  int count = 0, is_on = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) err(1, "listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  watch(listener);
  watch(0);
  struct epoll_event events[1024];
  char event[2048];
  for (;;) {
    int ready = epoll_wait(epoll, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor == listener) {
        int reader = accept(listener, NULL, NULL);
        if (reader < 0 || count == MOST) err(1, "accept");
        setsockopt(reader, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof is_on);
        watch(reader);
      } else if (descriptor == 0) {
        ssize_t got = read(0, buffer, sizeof buffer - 1);
        if (got <= 1) exit(0);
        buffer[got - 1] = 0;
        size_t size = make_event(event, sizeof event, buffer);
        for (int reader = 0; reader < count; reader++) send_all(readers[reader], event, size);
      } else {
        /* A request, in one piece. It gets its first event at once. */
        if (read(descriptor, buffer, sizeof buffer) <= 0) {
          close(descriptor);
          continue;
        }
        const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";
        send_all(descriptor, head, strlen(head));
        send_all(descriptor, event, make_event(event, sizeof event, "0"));
        readers[count++] = descriptor;
      }
    }
  }
}

int main(int argc, char **argv) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  epoll = epoll_create1(0);
  if (argc == 5 && !strcmp(argv[1], "read")) read_streams(atoi(argv[2]), argv[3], atoi(argv[4]));
  if (argc == 2 && !strcmp(argv[1], "floor")) serve_floor();
  errx(1, "usage: fan read PORT PATH COUNT | fan floor");
}
