#include "doctor/finding.h"

#define ROW(name, key, class) [name] = {key, class},
static const struct row {
    const char *key;
    enum doctor_class class;
} rows[FINDING_COUNT] = {DOCTOR_FINDINGS(ROW)};
#undef ROW

const char *finding_key(enum finding finding)
{
    return rows[finding].key;
}

enum doctor_class finding_class(enum finding finding)
{
    return rows[finding].class;
}

const char *doctor_class_name(enum doctor_class class)
{
    switch (class) {
    case DOCTOR_OK:
        return "OK";
    case DOCTOR_SILENT:
        return "SILENT";
    case DOCTOR_NETWORK:
        return "NETWORK";
    case DOCTOR_AUTH:
        return "AUTH";
    case DOCTOR_PERMISSION:
        return "PERMISSION";
    case DOCTOR_PATH:
        return "PATH";
    case DOCTOR_CONFIG:
        return "CONFIG";
    }
    return "?";
}
