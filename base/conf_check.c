/* conf_check.c: faults that one value alone does not show: addresses, lists, and keys that need each other.
 * It opens no file and no socket. Domains become their prepared form here, and
 * hosts of URLs their ASCII form, so that the rest compares bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/conf_table.h"
#include "base/jid.h"
#include "base/net.h"

struct check {
    struct conf_full *full;
    struct buf *faults;
    size_t count;
};

/* A fault of row id: it is reported where the value came from. */
static void wrong(struct check *c, enum conf_row_id id, const char *what, const char *item)
{
    const char *origin = c->full->origin[id];

    buf_addf(c->faults, "%s: %s.%s: ", origin != NULL ? origin : "default", conf_rows[id].section,
             conf_rows[id].key);
    buf_addf(c->faults, "%s%s%s%s\n", item != NULL ? "\"" : "", item != NULL ? item : "",
             item != NULL ? "\" " : "", what);
    c->count++;
}

static void check_listen(struct check *c, enum conf_row_id id, bool private_only)
{
    const char *at = c->full->text[id];
    char item[128];
    struct net_addr addr;

    while (conf_list_next(&at, item, sizeof item)) {
        if (id == CONF_ROW_http_listen && strncmp(item, "unix:/", 6) == 0)
            continue;
        if (net_parse(item, &addr) < 0)
            wrong(c, id, "is not a numeric address with a port such as 127.0.0.1:5222 or [::1]:5222", item);
        else if (private_only && !net_is_private(&addr))
            wrong(
                c, id,
                "is a public address: passwords would cross it in the clear (legacy_public = yes allows it)",
                item);
    }
}

static void check_proxies(struct check *c)
{
    const char *at = c->full->conf.http_trusted_proxies;
    struct net_range range;
    char item[128];

    while (conf_list_next(&at, item, sizeof item))
        if (strcmp(item, "unix") != 0 && net_parse_range(item, &range) < 0)
            wrong(c, CONF_ROW_http_trusted_proxies,
                  "is not an address, nor a network such as 10.0.0.0/8 or fd00::/8, nor the word unix", item);
}

/* The list becomes the value of row id. */
static const char *set_list(struct check *c, enum conf_row_id id, struct buf *list)
{
    free(c->full->text[id]);
    return c->full->text[id] = list->len > 0 ? buf_take(list) : xstrdup("");
}

static void add_item(struct buf *list, const char *node, const char *domain)
{
    buf_addf(list, "%s%s%s%s", list->len > 0 ? "," : "", node, node[0] != '\0' ? "@" : "", domain);
}

static void check_domains(struct check *c)
{
    const char *at = c->full->conf.xmpp_domain;
    char item[JID_PART_MAX + 1], domain[JID_PART_MAX + 1];
    struct buf list = {0};

    while (conf_list_next(&at, item, sizeof item)) {
        if (jid_prep_domain(item, domain) < 0) {
            wrong(c, CONF_ROW_xmpp_domain, "is not a domain", item);
            continue;
        }
        add_item(&list, "", domain);
    }
    if (list.len == 0) {
        wrong(c, CONF_ROW_xmpp_domain, "at least one domain is needed", NULL);
        return;
    }
    c->full->conf.xmpp_domain = set_list(c, CONF_ROW_xmpp_domain, &list);
}

/* Users and domains, each in its prepared form. */
static void check_allow(struct check *c)
{
    const char *at = c->full->conf.slots_allow;
    bool anybody = *at == '\0', named = false;
    char item[JID_MAX + 1], node[JID_PART_MAX + 1], domain[JID_PART_MAX + 1];
    struct buf list = {0};

    while (conf_list_next(&at, item, sizeof item)) {
        char *sign = strchr(item, '@');

        named = true;
        node[0] = '\0';
        if (sign != NULL)
            *sign = '\0';
        if ((sign != NULL && (jid_prep_node(item, node) < 0 || node[0] == '\0')) ||
            jid_prep_domain(sign != NULL ? sign + 1 : item, domain) < 0)
            wrong(c, CONF_ROW_slots_allow, "is no user such as alice@example.org and no domain", item);
        else
            add_item(&list, node, domain);
    }
    if (!anybody && !named) /* a lone comma is no leave for everybody */
        wrong(c, CONF_ROW_slots_allow, "names nobody", NULL);
    c->full->conf.slots_allow = set_list(c, CONF_ROW_slots_allow, &list);
}

/* A port and what stands behind it; -1: no port. */
static long port_of(const char *s, char **end)
{
    long port = s[0] >= '0' && s[0] <= '9' ? strtol(s, end, 10) : -1;

    return port >= 1 && port <= 65535 ? port : -1;
}

/* "1024-65535, 80": numbers and ranges inside 1..65535. */
static void check_ports(struct check *c)
{
    const char *at = c->full->conf.offers_dial_ports;
    char item[64];

    while (conf_list_next(&at, item, sizeof item)) {
        char *end = item;
        long low = port_of(item, &end), high = low;

        if (low > 0 && *end == '-')
            high = port_of(end + 1, &end);
        if (low < 0 || high < low || *end != '\0')
            wrong(c, CONF_ROW_offers_dial_ports, "is not a port or a range such as 1024-65535", item);
    }
}

static bool is_ascii(const char *s)
{
    while ((unsigned char)*s - 1u < 0x7f)
        s++;
    return *s == '\0';
}

/* Links are ASCII whatever they are made of (C36), and so is the host that browsers ask for: a host with
 * other letters becomes its ASCII form here. `host` is a part of url, the value of row id. */
static void make_ascii(struct check *c, enum conf_row_id id, const char *url, const char *host)
{
    char raw[JID_PART_MAX + 1], ascii[JID_PART_MAX + 1];
    size_t n = strcspn(host, ":/");

    if (is_ascii(url))
        return;
    if (n > JID_PART_MAX)
        n = JID_PART_MAX;
    memcpy(raw, host, n);
    raw[n] = '\0';
    if (jid_domain_ascii(raw, ascii) < 0 || !is_ascii(host + n)) {
        wrong(c, id, "is not an address such as https://files.example.org, percent-encoded behind the host",
              url);
        return;
    }
    char *text = xasprintf("%.*s%s%s", (int)(host - url), url, ascii, host + n);
    struct buf why = {0};
    (void)conf_set(c->full, id, text, &why); /* any text is one */
    buf_free(&why);
    free(text);
}

static void check_url(struct check *c, enum conf_row_id id)
{
    char *url = c->full->text[id];
    const char *rest;
    size_t n = strlen(url);

    if (n == 0 && id != CONF_ROW_http_public_url)
        return;
    while (n > 0 && url[n - 1] == '/') /* links are made by appending */
        url[--n] = '\0';
    rest = strncmp(url, "http://", 7) == 0 ? url + 7 : strncmp(url, "https://", 8) == 0 ? url + 8 : "";
    if (*rest == '\0' || strcspn(rest, " ?#@\"<>\\") != strlen(rest))
        wrong(c, id, "is not an address such as https://files.example.org", url);
    else
        make_ascii(c, id, url, rest);
}

static void check_words(struct check *c, enum conf_row_id id, const char *allowed)
{
    const char *at = c->full->text[id];
    char item[64];

    while (conf_list_next(&at, item, sizeof item))
        if (!conf_list_has(allowed, item))
            wrong(c, id, "is not one of its words", item);
}

/* What the paths of ours begin with (http/route.c): nothing else may. */
static const char own_paths[] = "f,d,u,w,my,login,admin,api,livez,readyz,metrics";

/* What a path that is given may hold; only that of an address may have escapes. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~.!$'()*+,;=:@"

/* At most `most` segments of those characters, of which the first is none of ours. false: not such a path.
 * `first` gets the first segment; empty: there is none. */
static bool plain_path(const char *path, int most, const char *allowed, char first[64])
{
    first[0] = '\0';
    for (int i = 0; *path != '\0'; i++) {
        size_t n = *path == '/' ? strcspn(path + 1, "/") : 0;

        if (i == most || n == 0 || n >= 64 || strspn(path + 1, allowed) < n || path[1] == '.')
            return false;
        if (i == 0) {
            memcpy(first, path + 1, n);
            first[n] = '\0';
            if (conf_list_has(own_paths, first))
                return false;
        }
        path += n + 1;
    }
    return true;
}

static const char *path_of_url(const char *url)
{
    const char *p = strstr(url, "://");

    return p != NULL ? p + 3 + strcspn(p + 3, "/") : "";
}

/* Where slots of another server are, and what a proxy may put before it. */
static void check_paths(struct check *c)
{
    char *path = c->full->text[CONF_ROW_external_path];
    const char *base = path_of_url(c->full->conf.http_public_url);
    char first[64], base_first[64];
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    if (!plain_path(path, 2, PLAIN, first) || first[0] == '\0')
        wrong(c, CONF_ROW_external_path, "is not a path such as /upload, or one that is Ferry's own", path);
    if (!plain_path(base, 3, PLAIN "%", base_first))
        wrong(c, CONF_ROW_http_public_url, "cannot be what links have before Ferry's own paths", base);
    else if (first[0] != '\0' && strcmp(first, base_first) == 0)
        wrong(c, CONF_ROW_external_path,
              "begins like the path of http.public_url: a proxy may have cut that off", path);
}

static size_t list_length(const char *list)
{
    char item[4096];
    size_t n = 0;

    while (conf_list_next(&list, item, sizeof item))
        n++;
    return n;
}

size_t conf_check(struct conf_full *full, struct buf *faults)
{
    struct check c = {.full = full, .faults = faults};
    const struct conf *conf = &full->conf;

    check_domains(&c);
    check_listen(&c, CONF_ROW_xmpp_listen, false);
    check_listen(&c, CONF_ROW_xmpp_listen_tls, false);
    check_listen(&c, CONF_ROW_xmpp_listen_legacy, !conf->xmpp_legacy_public);
    check_listen(&c, CONF_ROW_http_listen, false);
    check_listen(&c, CONF_ROW_http_listen_tls, false);
    check_listen(&c, CONF_ROW_proxy65_listen, false);
    check_listen(&c, CONF_ROW_admin_listen, false);
    check_proxies(&c);
    check_url(&c, CONF_ROW_http_public_url);
    check_url(&c, CONF_ROW_http_pages_url);
    check_paths(&c);
    check_words(&c, CONF_ROW_xmpp_legacy_auth, "password,digest");
    check_ports(&c);
    check_allow(&c);
    if ((conf->tls_certificate[0] == '\0') != (conf->tls_key[0] == '\0'))
        wrong(&c, conf->tls_key[0] == '\0' ? CONF_ROW_tls_certificate : CONF_ROW_tls_key,
              "certificate and key are given together, or neither", NULL);
    else if (list_length(conf->tls_certificate) != list_length(conf->tls_key))
        wrong(&c, CONF_ROW_tls_key, "there must be as many keys as certificates", NULL);
    if (conf->proxy65_listen[0] != '\0' && conf->proxy65_host[0] == '\0')
        wrong(&c, CONF_ROW_proxy65_host, "clients must be told some address of the proxy", NULL);
    if (conf->storage_dir[0] == '\0')
        wrong(&c, CONF_ROW_storage_dir, "the spool needs a folder", NULL);
    return c.count;
}
