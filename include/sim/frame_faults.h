/*
 * frame_faults: sends frames of market data changed as a scripted fault says.
 *
 * Owns nothing. Uses the functions of websocket that break the protocol on purpose.
 */
#ifndef SIM_FRAME_FAULTS_H
#define SIM_FRAME_FAULTS_H

#include "base/buf.h"
#include "serve/websocket.h"
#include "sim/faults.h"

#include <stdbool.h>

/*
 * Sends `frame` changed by `fault`; `previous` is the frame of the product before it, or NULL.
 * False: the kind does not change frames, and nothing was sent.
 */
bool frame_faults_send(struct websocket *socket, const struct fault *fault, const struct buf *frame,
                       const char *previous);

/*
 * Ends or silences the connection; *mute: nothing more is to be sent on it. False: `kind` is
 * another one, and nothing was done.
 */
bool frame_faults_disturb(struct websocket *socket, enum fault_kind kind, int code, bool *mute);

#endif
