/*
 * conf_sample: the text of etc/cinta.conf, embedded at build time.
 */
#ifndef CONFIG_CONF_SAMPLE_H
#define CONFIG_CONF_SAMPLE_H

extern const char conf_sample[];

#endif
