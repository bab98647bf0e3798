/* inband.c: one in-band bytestream's rules. Base64 is strict as RFC 4648 section 4 and XEP-0047's security
 * section ask: no white space, '=' only at the end (row 69). Shorter blocks than agreed are normal: Pidgin
 * counts encoded bytes (C20).
 */
#include "xmpp/inband.h"

#include <string.h>

#include "base/codec.h"
#include "base/conf.h"
#include "xmpp/siform.h"

uint32_t inband_block_max(void)
{
    int64_t room = (conf_get()->limits_stanza - 1024) / 4 * 3;
    if (room < 1)
        room = 1;
    return room < INBAND_BLOCK_MAX ? (uint32_t)room : INBAND_BLOCK_MAX;
}

enum refuse inband_open(struct inband *b, const struct stanza *open, uint32_t max)
{
    int64_t block = siform_number(stanza_get(open, "block-size"), INBAND_BLOCK_MAX);
    const char *kind = stanza_get(open, "stanza");
    if (block < 1)
        return REFUSE_BAD_REQUEST;
    if (kind && strcmp(kind, "iq") != 0 && strcmp(kind, "message") != 0)
        return REFUSE_BAD_REQUEST;
    if (block > max)
        return REFUSE_BLOCK_TOO_BIG;
    *b = (struct inband){.block = (uint32_t)block, .message = kind && *kind == 'm'};
    return REFUSE_OK;
}

/* Most blocks are one text node: no copy is made of it then. */
static const char *whole_text(const struct stanza *el, size_t *n)
{
    const struct stanza *only = el->first;
    if (only && only == el->last && !only->name) {
        *n = only->text_len;
        return only->text;
    }
    const char *text = stanza_text(el);
    *n = strlen(text);
    return text;
}

enum refuse inband_data(struct inband *b, const struct stanza *data, uint8_t *out, size_t *n)
{
    int64_t seq = siform_number(stanza_get(data, "seq"), UINT16_MAX);
    size_t len;
    if (seq < 0 || stanza_first_element(data))
        return REFUSE_BAD_REQUEST;
    if (seq != b->next)
        return REFUSE_UNEXPECTED;
    const char *text = whole_text(data, &len);
    if (base64_max(len) > inband_room(b))
        return REFUSE_BAD_REQUEST;
    ptrdiff_t got = base64_decode(text, len, out);
    if (got < 0 || got > (ptrdiff_t)b->block)
        return REFUSE_BAD_REQUEST;
    b->next++;
    *n = (size_t)got;
    return REFUSE_OK;
}

size_t inband_room(const struct inband *b)
{
    return base64_max(((size_t)b->block + 2) / 3 * 4);
}
