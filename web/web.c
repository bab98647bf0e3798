/* web.c: embeds the pages' style sheets, scripts and pictures with .incbin: no build step, no generated
 * files. The paths are relative to the top of the tree, where the compiler runs.
 */
#include "web/web.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/codec.h"

#define EMBED(symbol, path)                                                                 \
    __asm__(".section .rodata\n.global web_" #symbol "\nweb_" #symbol ":\n.incbin \"" path  \
            "\"\n.global web_" #symbol "_end\nweb_" #symbol "_end:\n.byte 0\n.previous\n"); \
    extern const unsigned char web_##symbol[], web_##symbol##_end[]

EMBED(ferry_css, "web/ferry.css");
EMBED(ferry_js, "web/ferry.js");
EMBED(ferry_svg, "web/ferry.svg");

static struct web_asset assets[] = {
    {"ferry.css", "text/css; charset=utf-8", web_ferry_css, 0, ""},
    {"ferry.js", "text/javascript; charset=utf-8", web_ferry_js, 0, ""},
    {"ferry.svg", "image/svg+xml", web_ferry_svg, 0, ""},
};
static const unsigned char *const ends[] = {web_ferry_css_end, web_ferry_js_end, web_ferry_svg_end};

void web_init(void)
{
    char hex[41];

    for (size_t i = 0; i < ARRAY_LEN(assets); i++) {
        assets[i].len = (size_t)(ends[i] - assets[i].data);
        sha1_hex(assets[i].data, assets[i].len, hex);
        memcpy(assets[i].version, hex, sizeof assets[i].version - 1);
    }
}

const struct web_asset *web_asset_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(assets); i++)
        if (strcmp(assets[i].name, name) == 0)
            return &assets[i];
    return NULL;
}
