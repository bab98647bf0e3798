/* id.c: making and checking ids (id.h says what they are made of). */
#include "storage/id.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "storage/id_raw.h"
#include "storage/internal.h"

#define RANDOM_BYTES 16
#define MINUTE_AT 16
#define MAC_AT 20
#define MAC_BYTES 8
#define CLOCK_SLACK 300 /* seconds the wall clock may be set back between grant and PUT (row 113) */

static void put32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static void id_mac(const struct keys *k, const uint8_t raw[ID_RAW], uint8_t out[MAC_BYTES])
{
    uint8_t mac[32];
    keys_mac(k, KEYS_ID, raw, MAC_AT, mac);
    memcpy(out, mac, MAC_BYTES);
}

/* '-' would come first: a command line would take the id for an option. */
static bool looks_like_option(const uint8_t *raw)
{
    return raw[0] >> 2 == 62;
}

void id_make(const struct keys *k, int64_t now, struct ferry_id *out)
{
    uint8_t raw[ID_RAW];
    do
        random_bytes(raw, RANDOM_BYTES);
    while (looks_like_option(raw));
    put32(raw + MINUTE_AT, (uint32_t)(now / 60));
    id_mac(k, raw, raw + MAC_AT);
    base64url_encode(out->text, raw, sizeof raw);
}

void id_derive(const struct keys *k, const char *path, struct ferry_id *out)
{
    uint8_t raw[ID_RAW_OPEN], mac[32];
    struct buf text = {0};
    buf_addf(&text, "ferry external slot: %s", path); /* never as short as what id_mac authenticates */
    keys_mac(k, KEYS_ID, text.data, text.len, mac);
    buf_free(&text);
    memcpy(raw, mac, RANDOM_BYTES);
    if (looks_like_option(raw))
        raw[0] ^= 0x80;
    put32(raw + MINUTE_AT, 0); /* nobody knows when it was granted: never "not uploaded yet" */
    id_from_raw(k, raw, out);
}

void id_from_raw(const struct keys *k, const uint8_t raw[ID_RAW_OPEN], struct ferry_id *out)
{
    uint8_t whole[ID_RAW];
    memcpy(whole, raw, ID_RAW_OPEN);
    id_mac(k, whole, whole + MAC_AT);
    base64url_encode(out->text, whole, sizeof whole);
}

void id_to_raw(const struct ferry_id *id, uint8_t raw[ID_RAW_OPEN])
{
    uint8_t whole[base64_max(ID_LEN) + 2];
    FERRY_ASSERT(base64url_decode(id->text, ID_LEN, whole) == ID_RAW);
    memcpy(raw, whole, ID_RAW_OPEN);
}

int64_t id_granted(const uint8_t raw[ID_RAW_OPEN])
{
    return (int64_t)get32(raw + MINUTE_AT) * 60;
}

enum id_age id_judge(const struct keys *k, int64_t now, const char *text, size_t n, struct ferry_id *out)
{
    uint8_t raw[base64_max(ID_LEN) + 2], mac[MAC_BYTES];
    if (n != ID_LEN || base64url_decode(text, n, raw) != ID_RAW)
        return ID_FORGED;
    id_mac(k, raw, mac);
    if (!secret_equal(mac, raw + MAC_AT, MAC_BYTES))
        return ID_FORGED;
    memcpy(out->text, text, ID_LEN);
    out->text[ID_LEN] = '\0';
    /* The minute was rounded down: 60 s more. */
    int64_t end = id_granted(raw) + 60 + conf_get()->slots_put_deadline / 1000 + CLOCK_SLACK;
    return now <= end ? ID_FRESH : ID_OLD;
}

void id_new(struct storage *st, struct ferry_id *out)
{
    id_make(st->keys, clock_wall(), out);
}

enum id_age id_check(struct storage *st, const char *text, size_t n, struct ferry_id *out)
{
    return id_judge(st->keys, clock_wall(), text, n, out);
}
