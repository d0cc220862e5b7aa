/*
 * doctor_view: the steps of a diagnosis for people, and as JSON.
 */
#ifndef CLI_DOCTOR_VIEW_H
#define CLI_DOCTOR_VIEW_H

#include "base/buf.h"
#include "doctor/conclusion.h"
#include "doctor/step.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Appends one step in lines of at most `width` characters: state, title, what was tried and its
 * time; then what came back, what it means and what to do. `colour`: the state is coloured, for a
 * terminal.
 */
void doctor_view_step(struct buf *out, const struct step *step, size_t width, bool colour);

/* The name of a state and its title in columns; then texts, each wrapped in the column behind them,
 * after `before`; an empty one appends nothing. */
void doctor_view_head(struct buf *out, enum step_state state, const char *title, bool colour);
void doctor_view_first(struct buf *out, const char *before, const char *text, size_t width);
void doctor_view_below(struct buf *out, const char *before, const char *text, size_t width);

/* Appends a step as a JSON object. */
void doctor_view_step_json(struct buf *out, const struct step *step);
/* The whole answer: `steps` are the objects, separated by commas. */
void doctor_view_json(struct buf *out, const struct conclusion *conclusion, const char *steps);

#endif
