/* Preloaded into servers that leave Nagle's algorithm on: every TCP connection they accept sends at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static int at_once(int connection) {
  const int yes = 1;
  /* A socket that is no TCP refuses, which is all right. */
  if (connection != -1) setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return connection;
}

typedef int accept_function(int, struct sockaddr *, socklen_t *);

int accept(int listener, struct sockaddr *address, socklen_t *size) {
  return at_once(((accept_function *)dlsym(RTLD_NEXT, "accept"))(listener, address, size));
}
