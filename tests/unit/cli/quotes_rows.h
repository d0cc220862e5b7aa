/* Values of rows of the view `quotes`, as the reader passes them. */
#ifndef TESTS_QUOTES_ROWS_H
#define TESTS_QUOTES_ROWS_H

#include "store/read/reader.h"

#define TEXT(name, value)   ((struct reader_value){name, READER_TEXT, value})
#define NUMBER(name, value) ((struct reader_value){name, READER_NUMBER, value})
#define NONE(name)          ((struct reader_value){name, READER_NULL, ""})

#endif
