/* Another program with files to drag: a small window above all others, in the upper left corner.
 *
 * Only for tests. Usage: drag-source URI… "ready" is printed when it is there, "dropped" or "refused" after each drag.
 */
#include <gtk/gtk.h>

static char **uris;
static gboolean refused;

static void give(GtkWidget *widget, GdkDragContext *context, GtkSelectionData *data, guint info, guint time, gpointer none) {
    gtk_selection_data_set_uris(data, uris);
}

static gboolean failed(GtkWidget *widget, GdkDragContext *context, GtkDragResult result, gpointer none) {
    refused = TRUE;
    return TRUE;
}

static void over(GtkWidget *widget, GdkDragContext *context, gpointer none) {
    puts(refused ? "refused" : "dropped");
    fflush(stdout);
    refused = FALSE;
}

static gboolean ready(GtkWidget *widget, GdkEvent *event, gpointer none) {
    puts("ready");
    fflush(stdout);
    return FALSE;
}

int main(int count, char **words) {
    gtk_init(&count, &words);
    uris = words + 1;
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_event_box_new();
    GtkTargetEntry targets[] = {{"text/uri-list", 0, 0}};
    gtk_window_set_title(GTK_WINDOW(window), "Files elsewhere");
    gtk_window_set_decorated(GTK_WINDOW(window), FALSE);
    gtk_window_set_keep_above(GTK_WINDOW(window), TRUE);
    gtk_window_set_default_size(GTK_WINDOW(window), 120, 60);
    gtk_window_move(GTK_WINDOW(window), 0, 0);
    gtk_container_add(GTK_CONTAINER(window), box);
    gtk_container_add(GTK_CONTAINER(box), gtk_label_new("files"));
    gtk_drag_source_set(box, GDK_BUTTON1_MASK, targets, 1, GDK_ACTION_COPY);
    g_signal_connect(box, "drag-data-get", G_CALLBACK(give), NULL);
    g_signal_connect(box, "drag-failed", G_CALLBACK(failed), NULL);
    g_signal_connect(box, "drag-end", G_CALLBACK(over), NULL);
    g_signal_connect_after(window, "map-event", G_CALLBACK(ready), NULL);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
    gtk_widget_show_all(window);
    gtk_main();
    return 0;
}
