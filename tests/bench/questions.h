/*
 * questions: what traders ask of the database, read-only and one after the other, and how long each
 * takes from the first call to the last row with all its values made.
 */
#ifndef BENCH_QUESTIONS_H
#define BENCH_QUESTIONS_H

/* Of a database made by history.h, over so many days; reports ms and rows of each question. */
void questions_ask(const char *path, int days, double seconds);

#endif
