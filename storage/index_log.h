/* index_log.h: how the index's writer writes its log: one system call for each commit (internal to storage/).
 *
 * SQLite appends a page to the write-ahead log in two writes, and a small transaction has ten pages. Here
 * what is appended is gathered and written when the frame comes that commits, or earlier when anything else
 * is asked of the file or much has gathered: nobody can see the difference, for readers look at frames only
 * after the commit. What fails, fails in that write; the commit has then failed, as before.
 */
#ifndef FERRY_INDEX_LOG_H
#define FERRY_INDEX_LOG_H

/* The name of the VFS to open the writer's connection with; registered at the first call. One thread. */
const char *index_log_vfs(void);

#endif
