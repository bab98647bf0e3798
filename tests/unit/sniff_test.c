/* What ferry-sniff says about bytes, asked as storage asks it: the program lies beside this one. */
#include "tests/unit/storage_fixture.h"

#include "storage/sniff.h"

#define ASK(s, bytes, want)                                 \
    do {                                                    \
        char type_[SNIFF_MAX];                              \
        sniff_type((s), (bytes), sizeof(bytes) - 1, type_); \
        assert_string_equal(type_, want);                   \
    } while (0)

static int setup(void **state)
{
    struct buf faults = {0};
    struct conf *conf = conf_load("/dev/null", &faults);
    assert_non_null(conf);
    buf_free(&faults);
    conf_publish(conf);
    *state = sniff_new();
    return 0;
}

static int teardown(void **state)
{
    sniff_free(*state);
    return 0;
}

static void known_beginnings(void **state)
{
    struct sniff *s = *state;
    ASK(s, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0", "image/png");
    ASK(s, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", "image/jpeg");
    ASK(s, "GIF89a\1\0\1\0\0\0\0;", "image/gif");
    ASK(s, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "application/pdf");
    ASK(s, "<!DOCTYPE html><html><head><title>x</title></head></html>", "text/html");
    ASK(s, "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", "image/svg+xml");
    ASK(s, "just some words, and then a few more of them\n", "text/plain");
    ASK(s, "\x01\x9a\xf0\x13\xee\x80\x77\xc5\x00\x31", "application/octet-stream");
    ASK(s, "", "application/octet-stream");
}

static void only_the_beginning(void **state)
{
    char *big = calloc(1, 3 * SNIFF_BYTES), type[SNIFF_MAX];
    memcpy(big, "GIF89a", 6);
    sniff_type(*state, big, 3 * SNIFF_BYTES, type);
    assert_string_equal(type, "image/gif");
    free(big);
}

static pthread_barrier_t all_asked; /* a helper ends with the thread that started it */

static void *ask_often(void *arg)
{
    for (int i = 0; i < 300; i++) {
        ASK(arg, "GIF89a\1\0\1\0\0\0\0;", "image/gif");
        ASK(arg, "just some words, and then a few more of them\n", "text/plain");
    }
    pthread_barrier_wait(&all_asked);
    return NULL;
}

static void many_ask_at_once(void **state)
{
    pthread_t threads[8];
    pthread_barrier_init(&all_asked, NULL, ARRAY_LEN(threads));
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, *state), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&all_asked);
}

/* More files than one helper lives for: nobody notices the exchange. */
static void helpers_are_exchanged(void **state)
{
    for (int i = 0; i < 10000; i++)
        ASK(*state, "GIF89a\1\0\1\0\0\0\0;", "image/gif");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known_beginnings, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_beginning, setup, teardown),
        cmocka_unit_test_setup_teardown(many_ask_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(helpers_are_exchanged, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
