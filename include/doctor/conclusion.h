/*
 * conclusion: the cause of what the steps of a diagnosis found, in one sentence with its remedy.
 *
 * Pure.
 */
#ifndef DOCTOR_CONCLUSION_H
#define DOCTOR_CONCLUSION_H

#include "doctor/step.h"

#include <stdbool.h>

#define CONCLUSION_TEXT 1536

struct conclusion {
    enum finding finding; /* FINDING_NONE, or the one that decides */
    enum doctor_class class;
    char sentence[CONCLUSION_TEXT];
};

/*
 * The first failure decides, unless the controls after it explain it better. Warnings do not fail:
 * they are added to the sentence that says that all works. `steps` are in any order; a step that
 * occurs twice counts as its last one. `online` false: the broker was not asked.
 */
struct conclusion conclude(const struct step *steps, int count, bool online);

#endif
