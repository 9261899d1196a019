/* Says what a screen reader is told of a window: the way to look into a native dialog, which no WebDriver sees.
 *
 * Only for tests. Usage: screen-reader WORD. Of each window with the word in its title every part is printed, one a line:
 * role, name and states, with tabs between them. Status 1 when there is no such window.
 */
#include <atspi/atspi.h>
#include <stdio.h>
#include <string.h>

static void one_line(char *text) {
    for (; text && *text; text++)
        if (*text == '\t' || *text == '\n') *text = ' ';
}

static void say(AtspiAccessible *part, int depth) {
    static const struct { AtspiStateType state; const char *name; } said[] = {
        {ATSPI_STATE_SENSITIVE, "sensitive"}, {ATSPI_STATE_FOCUSED, "focused"},
        {ATSPI_STATE_CHECKED, "checked"}, {ATSPI_STATE_SHOWING, "showing"},
    };
    char *role = atspi_accessible_get_role_name(part, NULL), *name = atspi_accessible_get_name(part, NULL);
    AtspiStateSet *states = atspi_accessible_get_state_set(part);
    one_line(name);
    printf("%s\t%s\t", role ? role : "", name ? name : "");
    for (unsigned i = 0; states && i < G_N_ELEMENTS(said); i++)
        if (atspi_state_set_contains(states, said[i].state)) printf("%s ", said[i].name);
    putchar('\n');
    int count = atspi_accessible_get_child_count(part, NULL);
    for (int i = 0; depth < 12 && i < count && i < 60; i++) {
        AtspiAccessible *child = atspi_accessible_get_child_at_index(part, i, NULL);
        if (child) say(child, depth + 1);
    }
}

int main(int count, char **words) {
    int found = 0;
    if (count != 2 || atspi_init() > 1) return 2;
    atspi_set_timeout(2000, 2000);
    AtspiAccessible *desktop = atspi_get_desktop(0);
    int programs = desktop ? atspi_accessible_get_child_count(desktop, NULL) : 0;
    for (int i = 0; i < programs; i++) {
        AtspiAccessible *program = atspi_accessible_get_child_at_index(desktop, i, NULL);
        int windows = program ? atspi_accessible_get_child_count(program, NULL) : 0;
        for (int j = 0; j < windows; j++) {
            AtspiAccessible *window = atspi_accessible_get_child_at_index(program, j, NULL);
            char *title = window ? atspi_accessible_get_name(window, NULL) : NULL;
            if (title && strstr(title, words[1])) {
                say(window, 0);
                found = 1;
            }
        }
    }
    return !found;
}
