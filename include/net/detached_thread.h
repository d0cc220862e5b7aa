/*
 * detached_thread: starts a thread that nobody waits for, such as one that may hang in a system
 * call. The thread and its creator share what they use by references that they count.
 */
#ifndef NET_DETACHED_THREAD_H
#define NET_DETACHED_THREAD_H

/* All signals are blocked in the thread: the loop handles them. 0 or -errno. */
int detached_thread_start(void *(*run)(void *arg), void *arg);

#endif
