/*
 * conf_sample: etc/cinta.conf as it was when the program was built. The build writes it.
 */
#ifndef APP_CONF_SAMPLE_H
#define APP_CONF_SAMPLE_H

extern const char conf_sample[];

#endif
