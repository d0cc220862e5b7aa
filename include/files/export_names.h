/*
 * export_names: the names of the formats, compressions and tables of an export.
 *
 * They are here because the configuration, which checks them, and the export, which implements
 * them, do not use each other. A format is added by adding its name to EXPORT_FORMATS and
 * the module that defines `format_NAME` (see export/format.h): everything else reads the list.
 */
#ifndef FILES_EXPORT_NAMES_H
#define FILES_EXPORT_NAMES_H

#define EXPORT_FORMATS(X) X(csv) X(jsonl) X(excel)

/* A format that the configuration accepts and no module implements yet. */
#define EXPORT_FORMAT_LATER "parquet"

/* word_list; compressions and tables are in the order of enum compress and enum extract_table. */
extern const char *const export_formats[];
extern const char *const export_compressions[];
extern const char *const export_tables[];

#endif
