/*
 * durable: what is on the disk after a crash, and the calls that make it so.
 *
 * A killed process loses none of what it wrote. A power failure loses what was not synced, and a
 * file's content and its name are synced separately: the content with the file, the name with the
 * folder. After either of them:
 *
 *   new_file, private_file: the old file or the new one, complete; the new one if the call had
 *     returned 0. A temporary file may be left; the next writer removes it.
 *   staged_file: the same for each of the files. They are placed one after another, so a crash
 *     between two of them leaves one new and one old.
 *   folders: all of them if the call had returned 0, otherwise perhaps some.
 *   run_lock, sockets: not synced, because they mean nothing without their process.
 *   the database: synced by SQLite; its file is created with new_file.
 *
 * All other modules that create, rename or remove files that must last do it through these.
 */
#ifndef FILES_DURABLE_H
#define FILES_DURABLE_H

/* Syncs the content of an open file. 0 or -errno. */
int durable_sync(int fd);
/* Syncs the folder of `path`, and so the creation, renaming or removal of that name. 0 or -errno.
 */
int durable_sync_name(const char *path);

#endif
