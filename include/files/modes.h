/*
 * modes: who may read the files and folders that cinta creates.
 *
 * What is secret or concerns one user is private; recorded data may be read by the group, as far as
 * the umask permits; what contains no secret and others must read is public.
 */
#ifndef FILES_MODES_H
#define FILES_MODES_H

#define FILE_PRIVATE 0600
#define FILE_GROUP   0640
#define FILE_PUBLIC  0644

#define FOLDER_PRIVATE 0700
#define FOLDER_GROUP   0750
#define FOLDER_PUBLIC  0755

#endif
