/* index_conn.h: one SQLite connection (for index.c and index_conn.c alone). */
#ifndef FERRY_INDEX_CONN_H
#define FERRY_INDEX_CONN_H

#include "storage/index_sql.h"

#define CONN_STATEMENTS 256 /* a power of two, more than twice the statements there are */

struct index_db {
    sqlite3 *handle; /* NULL: could not be opened */
    bool writer, impatient;
    enum refuse error;
    struct index *index;
    struct index_db *next;
    struct recent *recent; /* a reader's */
    struct {
        const char *text;
        sqlite3_stmt *stmt;
    } cache[CONN_STATEMENTS];
};

struct index_db *conn_open_writer(const char *path, struct buf *why); /* NULL: why */
struct index_db *conn_open_reader(const char *path);
bool conn_open_failed(const struct index_db *db);
void conn_close(struct index_db *db);
bool conn_set_synchronous(struct index_db *db, bool full); /* outside transactions */
/* Whether it waits while another program writes, and complains when that lasts. */
void conn_set_patient(struct index_db *db, bool patient);
bool conn_exec(struct index_db *db, const char *literal);
/* Has SQLite rolled the whole transaction back by itself? */
bool conn_lost_transaction(const struct index_db *db);
enum refuse conn_backup(struct index_db *db, const char *path);

#endif
