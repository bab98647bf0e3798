// A real client, libpurple (what Pidgin, Finch and Bitlbee are made of), without a face: a command a line on
// standard input, an event a line on standard output.
//
//   purple_peer JID PASSWORD HOST PORT FOLDER [ADDRESS]
//
// FOLDER is its home; what it is sent is taken, and put below FOLDER/in. ADDRESS is what it believes to be
// its own and offers to others as a stream host. It listens on all addresses, so it runs in a network of the
// test's own (t.own_network()).
//
// commands  send TO PATH, freeze (stops the whole process when it has the first bytes of the next file)
// events    online JID, buddy on|off JID, message FROM BODY, offer FROM NAME SIZE, sent NAME, received PATH,
//           cancelled send|recv NAME, frozen NAME, told WORDS (what a window would show), error WORDS
// It ends, with 0, when its standard input does.
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpurple/purple.h>

static GMainLoop *loop;
static PurpleAccount *account;
static char *in_folder;

static void tell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_strdelimit(line, "\n", ' ');
    puts(line);
    fflush(stdout);
    g_free(line);
}

// --- libpurple's loop is glib's
struct watch {
    PurpleInputFunction function;
    gpointer data;
};

static gboolean on_ready(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    struct watch *w = data;
    int ready = 0;
    if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
        ready |= PURPLE_INPUT_READ;
    if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
        ready |= PURPLE_INPUT_WRITE;
    w->function(w->data, g_io_channel_unix_get_fd(channel), (PurpleInputCondition)ready);
    return TRUE;
}

static guint watch(int fd, PurpleInputCondition wanted, PurpleInputFunction function, gpointer data)
{
    struct watch *w = g_new0(struct watch, 1);
    w->function = function;
    w->data = data;
    int condition = G_IO_HUP | G_IO_ERR | G_IO_NVAL;
    if (wanted & PURPLE_INPUT_READ)
        condition |= G_IO_IN;
    if (wanted & PURPLE_INPUT_WRITE)
        condition |= G_IO_OUT;
    GIOChannel *channel = g_io_channel_unix_new(fd);
    guint id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, (GIOCondition)condition, on_ready, w, g_free);
    g_io_channel_unref(channel);
    return id;
}

static PurpleEventLoopUiOps loop_ops = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = watch,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
};

// --- what a window would show, and the one question it would ask: is this certificate good?
static void *show(PurpleNotifyMsgType type, const char *title, const char *primary, const char *secondary)
{
    tell("told %s", secondary && *secondary ? secondary : primary);
    return NULL;
}
static PurpleNotifyUiOps notify_ops = {.notify_message = show};

static void *ask(const char *title, const char *primary, const char *secondary, int standard,
                 PurpleAccount *of, const char *who, PurpleConversation *conversation, void *data,
                 size_t count, va_list actions)
{
    const char *label = va_arg(actions, const char *);
    PurpleRequestActionCb accept = va_arg(actions, PurpleRequestActionCb);
    tell("asked %s (%s)", primary ? primary : title, label);
    if (accept && !strcmp(label, "Accept"))
        accept(data, 0);
    return NULL;
}
static PurpleRequestUiOps request_ops = {.request_action = ask};

static void on_lost(PurpleConnection *connection, PurpleConnectionError reason, const char *text)
{
    tell("error %s", text);
}
static PurpleConnectionUiOps connection_ops = {.report_disconnect_reason = on_lost};

static void set_faces(void)
{
    purple_notify_set_ui_ops(&notify_ops);
    purple_request_set_ui_ops(&request_ops);
    purple_connections_set_ui_ops(&connection_ops);
}
static PurpleCoreUiOps core_ops = {.ui_init = set_faces};

// --- events
static void on_online(PurpleConnection *connection, gpointer data)
{
    tell("online %s", purple_connection_get_display_name(connection));
}

static void on_buddy(PurpleBuddy *buddy, gpointer data)
{
    tell("buddy %s %s", (const char *)data, purple_buddy_get_name(buddy));
}

static gboolean on_message(PurpleAccount *of, char **from, char **body, PurpleConversation *conversation,
                           int *flags, gpointer data)
{
    char *plain = purple_markup_strip_html(*body);
    tell("message %s %s", *from, plain);
    g_free(plain);
    return TRUE; // no conversation is to be made of it
}

static void on_offer(PurpleXfer *xfer, gpointer data)
{
    tell("offer %s %s %lu", xfer->who, purple_xfer_get_filename(xfer),
         (unsigned long)purple_xfer_get_size(xfer));
    char *path = g_build_filename(in_folder, purple_xfer_get_filename(xfer), NULL);
    purple_xfer_request_accepted(xfer, path);
    g_free(path);
}

static gboolean is_closed(gpointer path)
{
    tell("received %s", (const char *)path);
    g_free(path);
    return FALSE;
}

// It says so before it has written all to the file.
static void on_received(PurpleXfer *xfer, gpointer data)
{
    g_idle_add(is_closed, g_strdup(purple_xfer_get_local_filename(xfer)));
}

static void on_sent(PurpleXfer *xfer, gpointer data)
{
    tell("sent %s", purple_xfer_get_filename(xfer));
}

static void on_cancelled(PurpleXfer *xfer, gpointer data)
{
    tell("cancelled %s %s", (const char *)data, purple_xfer_get_filename(xfer));
}

// In the middle of a file, whoever watches from outside may be too late for that.
static gboolean freezes;

static void on_progress(PurpleXfer *xfer, double part)
{
    if (freezes && purple_xfer_get_type(xfer) == PURPLE_XFER_RECEIVE && part > 0 && part < 1) {
        freezes = FALSE;
        tell("frozen %s", purple_xfer_get_filename(xfer));
        raise(SIGSTOP);
    }
}

// libpurple puts the value in place of a signal's own name for nothing else: the handle says whose it is.
static void listen_to(void *from, const char *signal, PurpleCallback function, const char *data)
{
    static int us;
    purple_signal_connect(from, signal, &us, function, (gpointer)data);
}

static void listen_to_all(void)
{
    static PurpleXferUiOps watcher = {.update_progress = on_progress};
    purple_xfers_set_ui_ops(&watcher);
    listen_to(purple_connections_get_handle(), "signed-on", PURPLE_CALLBACK(on_online), NULL);
    listen_to(purple_blist_get_handle(), "buddy-signed-on", PURPLE_CALLBACK(on_buddy), "on");
    listen_to(purple_blist_get_handle(), "buddy-signed-off", PURPLE_CALLBACK(on_buddy), "off");
    listen_to(purple_conversations_get_handle(), "receiving-im-msg", PURPLE_CALLBACK(on_message), NULL);
    void *xfers = purple_xfers_get_handle();
    listen_to(xfers, "file-recv-request", PURPLE_CALLBACK(on_offer), NULL);
    listen_to(xfers, "file-recv-complete", PURPLE_CALLBACK(on_received), NULL);
    listen_to(xfers, "file-send-complete", PURPLE_CALLBACK(on_sent), NULL);
    listen_to(xfers, "file-recv-cancel", PURPLE_CALLBACK(on_cancelled), "recv");
    listen_to(xfers, "file-send-cancel", PURPLE_CALLBACK(on_cancelled), "send");
}

// --- commands
static void send_file(const char *to, const char *path)
{
    PurpleConnection *connection = purple_account_get_connection(account);
    PurplePluginProtocolInfo *protocol = PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(connection));
    // What decides whether Pidgin's menu has the entry.
    if (!protocol->can_receive_file(connection, to)) {
        tell("error %s cannot receive files", to);
        return;
    }
    serv_send_file(connection, to, path);
}

static gboolean on_command(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    char *line = NULL;
    if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
        g_main_loop_quit(loop);
        return FALSE;
    }
    char **words = g_strsplit(g_strchomp(line), " ", 3);
    if (g_strv_length(words) == 3 && !strcmp(words[0], "send"))
        send_file(words[1], words[2]);
    else if (!strcmp(line, "freeze"))
        freezes = TRUE;
    else
        tell("error command %s", line);
    g_strfreev(words);
    g_free(line);
    return TRUE;
}

// --- start
static void set_prefs(const char *address)
{
    purple_prefs_load();
    purple_prefs_set_bool("/purple/network/auto_ip", FALSE); // nobody is asked what our address is
    purple_prefs_set_string("/purple/network/public_ip", address);
    purple_prefs_set_bool("/purple/network/map_ports", FALSE); // nor to open a port for us
    purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
}

static void log_in(char **argv)
{
    account = purple_account_new(argv[1], "prpl-jabber");
    purple_account_set_password(account, argv[2]);
    purple_account_set_string(account, "connect_server", argv[3]);
    purple_account_set_int(account, "port", atoi(argv[4]));
    purple_account_set_string(account, "ft_proxies", ""); // none but the server's own
    purple_accounts_add(account);
    purple_account_set_enabled(account, "purple_peer", TRUE);
    PurpleSavedStatus *status = purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE);
    purple_savedstatus_activate(status);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: purple_peer JID PASSWORD HOST PORT FOLDER [ADDRESS]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    in_folder = g_build_filename(argv[5], "in", NULL);
    if (g_mkdir_with_parents(in_folder, 0700) != 0)
        return 2;
    purple_util_set_user_dir(argv[5]);
    purple_debug_set_enabled(g_getenv("PURPLE_PEER_DEBUG") != NULL);
    purple_core_set_ui_ops(&core_ops);
    purple_eventloop_set_ui_ops(&loop_ops);
    if (!purple_core_init("purple_peer")) {
        fprintf(stderr, "libpurple does not start\n");
        return 1;
    }
    purple_set_blist(purple_blist_new());
    set_prefs(argc > 6 ? argv[6] : "127.0.0.1");
    listen_to_all();
    log_in(argv);
    GIOChannel *in = g_io_channel_unix_new(STDIN_FILENO);
    g_io_add_watch(in, (GIOCondition)(G_IO_IN | G_IO_HUP), on_command, NULL);
    loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
    purple_core_quit();
    return 0;
}
