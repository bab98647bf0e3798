/* index_sql.h: the tools of index_*.c: prepared statements over one connection.
 *
 * Usage: sqlite3_stmt *s = sql(db, "SELECT ..."); sql_text(s, 1, jid); while (sql_row(db, s)) ...;
 * A statement is prepared once per connection and found again by the address of its text, so the text must be
 * a literal. sql() hands it out reset and without bindings. Errors need no check at each step: a failed
 * statement is NULL, NULL binds nothing and has no rows, and the connection remembers the first error
 * (index_error); an operation that met one is rolled back whatever its run() returned, and once SQLite has
 * given up its transaction every further statement of it is NULL.
 */
#ifndef FERRY_INDEX_SQL_H
#define FERRY_INDEX_SQL_H

#include <sqlite3.h>

#include "base/arena.h"
#include "storage/index.h"

sqlite3_stmt *sql(struct index_db *db, const char *literal);
/* Texts and blobs are borrowed: they must live until the statement was run or sql_end. */
void sql_text(sqlite3_stmt *s, int i, const char *text); /* NULL: SQL NULL */
void sql_int(sqlite3_stmt *s, int i, int64_t n);
void sql_blob(sqlite3_stmt *s, int i, const void *data, size_t n); /* data NULL: SQL NULL */
/* Next row? At the end, or after an error, the statement is reset. */
bool sql_row(struct index_db *db, sqlite3_stmt *s);
/* Leaves a loop over rows early: an unfinished SELECT would keep old pages of the log alive. */
void sql_end(sqlite3_stmt *s);
/* Runs a statement that gives no rows. The number of rows it changed, or -1. */
int64_t sql_run(struct index_db *db, sqlite3_stmt *s);
/* Columns of the current row. Texts: never NULL, valid until the next step; sql_dup copies. */
int64_t sql_get_int(sqlite3_stmt *s, int col);
const char *sql_get_text(sqlite3_stmt *s, int col);
const void *sql_get_blob(sqlite3_stmt *s, int col, size_t *n);
char *sql_dup(struct arena *arena, sqlite3_stmt *s, int col);
void *index_host_arg(struct index_db *db); /* struct index_host's arg: the storage */
sqlite3 *sql_handle(struct index_db *db);  /* NULL: not open */

/* A receiver's reminder: a day before it expires, or a quarter of its time when that is shorter. */
#define REMIND_AT(expires, stored) expires " - min(86400, (" expires " - " stored ") / 4)"

#endif
