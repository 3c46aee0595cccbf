"""Ground floor: values, vocabularies and text. Pure: no I/O, no clock, no client library."""
