/* index_log.c: see index_log.h. A VFS that is SQLite's own but for the file of the log, which is wrapped. */
#include "storage/index_log.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum {
    LOG_HEADER = 32,    /* of the file; what follows are frames: a header and a page each */
    FRAME_HEADER = 24,  /* of a frame; its bytes 4 to 7 are 0 unless the frame commits */
    GATHER = 64 * 1024, /* SQLite cannot write 128 KiB and more at once */
};

struct log_file {
    sqlite3_file file;  /* first: what SQLite sees */
    sqlite3_file *real; /* behind us, in the same block */
    char *gathered;     /* GATHER bytes; NULL before the first */
    sqlite3_int64 at;   /* where they belong */
    sqlite3_int64 end;  /* behind the last that was appended */
    int n;
    bool commits; /* the frame whose page comes next does */
};

static sqlite3_vfs vfs, *base;

static int flush(struct log_file *l)
{
    int n = l->n;
    l->n = 0;
    return n > 0 ? l->real->pMethods->xWrite(l->real, l->gathered, n, l->at) : SQLITE_OK;
}

#define FLUSHED(l)            \
    do {                      \
        int rc_ = flush(l);   \
        if (rc_ != SQLITE_OK) \
            return rc_;       \
    } while (0)

/* Only what is appended is gathered: headers are also written again, alone, when a page of a transaction was
 * written twice. A new header of the file begins it anew. */
static int log_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    struct log_file *l = (struct log_file *)file;
    const unsigned char *head = data;
    bool append = at >= LOG_HEADER && n <= GATHER && at >= l->end;
    bool commits = n == FRAME_HEADER && (head[4] | head[5] | head[6] | head[7]);
    if (!append || at != l->at + l->n || l->n > GATHER - n)
        FLUSHED(l);
    l->end = at < LOG_HEADER ? LOG_HEADER : at + n > l->end ? at + n : l->end;
    bool last = n != FRAME_HEADER && l->commits;
    l->commits = commits;
    if (!append)
        return l->real->pMethods->xWrite(l->real, data, n, at);
    if (!l->gathered)
        l->gathered = xmalloc(GATHER);
    if (l->n == 0)
        l->at = at;
    memcpy(l->gathered + l->n, data, (size_t)n);
    l->n += n;
    return last ? flush(l) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    struct log_file *l = (struct log_file *)file;
    FLUSHED(l);
    return l->real->pMethods->xRead(l->real, out, n, at);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct log_file *l = (struct log_file *)file;
    FLUSHED(l);
    return l->real->pMethods->xTruncate(l->real, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
    struct log_file *l = (struct log_file *)file;
    FLUSHED(l);
    return l->real->pMethods->xSync(l->real, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct log_file *l = (struct log_file *)file;
    FLUSHED(l);
    return l->real->pMethods->xFileSize(l->real, size);
}

static int log_close(sqlite3_file *file)
{
    struct log_file *l = (struct log_file *)file;
    int flushed = flush(l), rc = l->real->pMethods->xClose(l->real);
    free(l->gathered);
    l->gathered = NULL;
    return flushed != SQLITE_OK ? flushed : rc;
}

static int log_lock(sqlite3_file *file, int kind)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xLock(l->real, kind);
}

static int log_unlock(sqlite3_file *file, int kind)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xUnlock(l->real, kind);
}

static int log_check_lock(sqlite3_file *file, int *out)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xCheckReservedLock(l->real, out);
}

static int log_control(sqlite3_file *file, int what, void *arg)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xFileControl(l->real, what, arg);
}

static int log_sector(sqlite3_file *file)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xSectorSize(l->real);
}

static int log_device(sqlite3_file *file)
{
    struct log_file *l = (struct log_file *)file;
    return l->real->pMethods->xDeviceCharacteristics(l->real);
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1, /* maps and shared memory are the database file's */
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_check_lock,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_device,
};

static int open_file(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)v;
    if (!(flags & SQLITE_OPEN_WAL))
        return base->xOpen(base, name, file, flags, out);
    struct log_file *l = (struct log_file *)file;
    *l = (struct log_file){.real = (sqlite3_file *)(l + 1)};
    int rc = base->xOpen(base, name, l->real, flags, out);
    if (l->real->pMethods) /* else there is nothing to be closed */
        l->file.pMethods = &log_methods;
    return rc;
}

const char *index_log_vfs(void)
{
    if (!base) {
        base = sqlite3_vfs_find(NULL);
        FERRY_ASSERT(base != NULL);
        vfs = *base;
        vfs.pNext = NULL;
        vfs.zName = "ferry";
        vfs.szOsFile = (int)sizeof(struct log_file) + base->szOsFile;
        vfs.xOpen = open_file;
        sqlite3_vfs_register(&vfs, 0);
    }
    return vfs.zName;
}
