/*
 * Invented values in the forms of the real ones: a token of the REST API, ids and the cookie of the
 * terminal; `_ENC` is percent-encoded.
 */
#ifndef DOCTOR_URL_SAMPLES_H
#define DOCTOR_URL_SAMPLES_H

#define TOKEN       "Zk2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
#define TOKEN_ENC   "Zk2%2B7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs%3D"
#define SESSION     "Qw4/7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs3q2+7wABAgMEBQYHCXyZz"
#define SESSION_ENC "Qw4%2F7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs3q2%2B7wABAgMEBQYHCXyZz"
#define CONN_ENC    "Vb9%2B7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs3q2%2B7wABAgMEBQYHCXyZz"
#define COOKIE      "SFMyNTY.g3QAAAACbQAAAAtfY3NyZl90b2tlbm0AAAAYdGVzdA.Tm90UmVhbE5vdFJlYWxOb3RSZWFs"

#endif
