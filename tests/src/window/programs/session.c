/* A desktop's services on a message bus: notifications, and a file manager that shows files. Each call is printed, one a
 * line, with tabs between its values.
 *
 * Only for tests. "ready" is printed when both names are owned. SIGUSR1: the last notification is clicked.
 */
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>

static const char *const names[] = {"org.freedesktop.Notifications", "org.freedesktop.FileManager1"};
static const char *const objects[] = {"/org/freedesktop/Notifications", "/org/freedesktop/FileManager1"};
static const char xml[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>"
    "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "<signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal></interface>"
    "<interface name='org.freedesktop.FileManager1'>"
    "<method name='ShowItems'><arg type='as' direction='in'/><arg type='s' direction='in'/></method></interface></node>";

static GDBusConnection *bus;
static guint32 last;
static int owned;

static void called(GDBusConnection *from, const char *sender, const char *object, const char *interface, const char *method,
                   GVariant *values, GDBusMethodInvocation *call, gpointer none) {
    if (g_str_equal(method, "Notify")) {
        const char *summary, *body, *entry = "";
        const char **actions;
        GVariant *hints;
        g_variant_get(values, "(&su&s&s&s^a&s@a{sv}i)", NULL, NULL, NULL, &summary, &body, &actions, &hints, NULL);
        g_variant_lookup(hints, "desktop-entry", "&s", &entry);
        printf("Notify\t%s\t%s\t%s\t%s\n", summary, body, actions[0] ? actions[0] : "", entry);
        g_dbus_method_invocation_return_value(call, g_variant_new("(u)", ++last));
    } else {
        GVariantIter *uris;
        const char *uri;
        g_variant_get(values, "(as&s)", &uris, NULL);
        while (g_variant_iter_next(uris, "&s", &uri)) printf("ShowItems\t%s\n", uri);
        g_dbus_method_invocation_return_value(call, NULL);
    }
    fflush(stdout);
}

static gboolean click(gpointer none) {
    g_dbus_connection_emit_signal(bus, NULL, objects[0], names[0], "ActionInvoked", g_variant_new("(us)", last, "default"),
                                  NULL);
    return G_SOURCE_CONTINUE;
}

static void name_owned(GDBusConnection *from, const char *name, gpointer none) {
    if (++owned == 2) puts("ready");
    fflush(stdout);
}

int main(void) {
    static const GDBusInterfaceVTable table = {called, NULL, NULL, {NULL}};
    GDBusNodeInfo *about = g_dbus_node_info_new_for_xml(xml, NULL);
    bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);
    if (!bus || !about) return 2;
    g_unix_signal_add(SIGUSR1, click, NULL);
    for (int i = 0; i < 2; i++) {
        g_dbus_connection_register_object(bus, objects[i], about->interfaces[i], &table, NULL, NULL, NULL);
        g_bus_own_name_on_connection(bus, names[i], G_BUS_NAME_OWNER_FLAGS_NONE, name_owned, NULL, NULL, NULL);
    }
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return 0;
}
