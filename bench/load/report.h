/* report.h -- the one JSON line that a run prints on standard output. */
#pragma once

void pl_report_begin(const char *scenario);
void pl_report_text(const char *name, const char *text);
void pl_report_number(const char *name, double value);
void pl_report_end(void);
