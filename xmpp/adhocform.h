/* adhocform.h: the words of a user command as an ad-hoc command (XEP-0050) with data forms (XEP-0004): what
 * is shown of it, in English or Chinese (zh). Pure functions: the elements are the arena's.
 */
#ifndef FERRY_ADHOCFORM_H
#define FERRY_ADHOCFORM_H

#include "xmpp/stanza.h"
#include "xmpp/usercmd.h"

struct stanza *adhocform_command(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                                 const char *status, bool zh);
/* What may follow; `execute` means the next step, or else the end. */
void adhocform_actions(struct stanza *c, bool prev, bool next, bool complete);
/* The form for its arguments, with what was filled in so far. fault: what was wrong with that; or NULL. */
struct stanza *adhocform_form(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                              const char *const args[USERCMD_ARGS], const char *fault, bool zh);
/* It asks once more before it is done. */
struct stanza *adhocform_sure(struct arena *arena, const struct usercmd *cmd, const char *sitting,
                              const char *what, bool zh);
/* The answer's lines, each a value, or one note where there is one line. */
void adhocform_answer(struct stanza *c, const struct usercmd *cmd, const struct usercmd_answer *answer,
                      bool zh);

#endif
