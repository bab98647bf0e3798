/* load_transfer.h: one of many transfers and both its ends. */
#ifndef BENCH_LOAD_TRANSFER_H
#define BENCH_LOAD_TRANSFER_H

#include <openssl/evp.h>

#include "load.h"

struct source { /* something that epoll watches */
    void (*ready)(void *arg);
    void *arg;
};
void source_watch(int ep, struct source *s, int fd, void (*ready)(void *arg), void *arg);
void source_turn(int ep, int ms); /* calls what is ready */

struct transfer {
    int number;
    bool inband, waiting, late;       /* waits for a block's answer; its next turn came meanwhile */
    struct client *sender, *receiver; /* receiver NULL: nobody is there */
    char sid[16], to[128];
    size_t sent;
    int fd, receiver_fd; /* to the proxy */
    struct source end, receiver_end;
    EVP_MD_CTX *hash, *received;
};
extern struct transfer *transfers;

int socks_dial(const char *sid, const char *from, const char *to); /* its handshake is over */
void sum_take(EVP_MD_CTX *sum, char hex[65]);

void receive_for(struct transfer *t, int ep, int user); /* logs the user in, once */

#endif
