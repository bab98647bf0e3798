/* main.c: argv and configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"

static int usage(void)
{
    fputs("usage: ferryd [-c FILE] [-t | --print-config | --print-sample | --print-man | --version]\n",
          stderr);
    return 2;
}

static int print(struct buf *out)
{
    fputs(out->data != NULL ? out->data : "", stdout);
    buf_free(out);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *file = NULL, *act = "";
    struct buf faults = {0}, out = {0};
    struct conf *conf;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
            file = argv[++i];
        else if (strcmp(argv[i], "-t") == 0 || strncmp(argv[i], "--", 2) == 0)
            act = argv[i];
        else
            return usage();
    }
    if (strcmp(act, "--version") == 0) {
        puts("ferryd " FERRY_VERSION);
        return 0;
    }
    if (strcmp(act, "--print-sample") == 0) {
        conf_print_sample(&out);
        return print(&out);
    }
    if (strcmp(act, "--print-man") == 0) {
        conf_print_man(&out);
        return print(&out);
    }
    conf = conf_load(file, &faults);
    if (faults.len > 0)
        fputs(faults.data, stderr);
    buf_free(&faults);
    if (conf == NULL)
        return 2;
    if (strcmp(act, "--print-config") == 0)
        conf_print(conf, &out);
    conf_free(conf);
    return print(&out);
}
