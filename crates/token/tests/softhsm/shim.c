/* A PKCS#11 module that forwards to SoftHSM2 and misbehaves as the file FAULT in its home folder says.
 *
 * Only for tests. What reaches the token is written to the file "calls", one word a line: "login" (with the first
 * letter of the user type), "null-login", "sign". No PIN is written.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long UL;
typedef unsigned char U8;

typedef struct {
    U8 version[2];
    void *fn[68];
} List;

typedef struct {
    UL type;
    void *value;
    UL length;
} Attribute;

enum {
    FINALIZE = 1, GET_FUNCTION_LIST = 3, GET_SLOT_LIST = 4, GET_SLOT_INFO, GET_TOKEN_INFO, GET_MECHANISM_LIST, GET_MECHANISM_INFO,
    OPEN_SESSION = 12, CLOSE_SESSION, CLOSE_ALL_SESSIONS, GET_SESSION_INFO, LOGIN = 18, GET_ATTRIBUTE_VALUE = 24,
    SIGN_INIT = 42, SIGN
};

static List *real, ours;
static UL moved;
static int context_login;

static void home(char *path, const char *name) {
    snprintf(path, 4096, "%s/%s", getenv("COUNTERSIGN_TOKEN_HOME"), name);
}

/* Several at once are separated by blanks. */
static int fault(const char *name) {
    char path[4096], text[64] = "", *rest = text, *word;
    home(path, "fault");
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    fclose(file);
    while ((word = strsep(&rest, " ")))
        if (strcmp(word, name) == 0) return 1;
    return 0;
}

static void note(const char *word) {
    char path[4096];
    home(path, "calls");
    FILE *file = fopen(path, "a");
    fprintf(file, "%s\n", word);
    fclose(file);
}

#define REAL(index, ...) ((UL (*)(__VA_ARGS__))real->fn[index])

/* The token was pulled and put into another reader: its sessions are gone, its slot has another number. */
static void move_if_told(void) {
    UL slots[64], count = 64;
    if (moved || !fault("moved")) return;
    moved = 1000;
    REAL(GET_SLOT_LIST, U8, UL *, UL *)(1, slots, &count);
    for (UL i = 0; i < count; i++) REAL(CLOSE_ALL_SESSIONS, UL)(slots[i]);
}

static UL get_slot_list(U8 present, UL *slots, UL *count) {
    move_if_told();
    if (fault("gone")) {
        *count = 0;
        return 0;
    }
    UL rv = REAL(GET_SLOT_LIST, U8, UL *, UL *)(present, slots, count);
    if (rv == 0 && slots)
        for (UL i = 0; i < *count; i++) slots[i] += moved;
    return rv;
}

static UL get_slot_info(UL slot, void *info) { return REAL(GET_SLOT_INFO, UL, void *)(slot - moved, info); }

static UL get_token_info(UL slot, U8 *info) {
    if (fault("pulled") || fault("gone")) return 0xE0;
    UL rv = REAL(GET_TOKEN_INFO, UL, U8 *)(slot - moved, info), flags;
    memcpy(&flags, info + 96, sizeof flags);
    if (fault("locked")) flags |= 0x40000;
    if (fault("final")) flags |= 0x20000;
    if (fault("low")) flags |= 0x10000;
    if (fault("pad")) flags |= 0x100;
    memcpy(info + 96, &flags, sizeof flags);
    if (fault("label") && !memcmp(info, "desk ", 5)) memcpy(info + 4, "\0\xB9\xFA\xC3\xDCjunk", 9);
    if (fault("gbk") && !memcmp(info, "desk ", 5)) memcpy(info, "\xB9\xFA\xC3\xDC", 4);
    return rv;
}

static UL get_mechanism_list(UL slot, UL *list, UL *count) {
    return REAL(GET_MECHANISM_LIST, UL, UL *, UL *)(slot - moved, list, count);
}

static UL get_mechanism_info(UL slot, UL type, void *info) {
    return REAL(GET_MECHANISM_INFO, UL, UL, void *)(slot - moved, type, info);
}

static UL open_session(UL slot, UL flags, void *a, void *b, UL *session) {
    return REAL(OPEN_SESSION, UL, UL, void *, void *, UL *)(slot - moved, flags, a, b, session);
}

static UL get_session_info(UL session, void *info) {
    move_if_told();
    if (fault("gone")) return 0xB3;
    return REAL(GET_SESSION_INFO, UL, void *)(session, info);
}

static UL login(UL session, UL user, U8 *pin, UL length) {
    char word[16];
    if (!pin) note("null-login");
    snprintf(word, sizeof word, "login %c", user == 2 ? 'c' : 'u');
    note(word);
    if (fault("login-locked")) return 0xA4;
    if (fault("login-error")) return 0x30;
    if (fault("login-expired")) return 0xA3;
    if (fault("unsaid") && user == 2) {
        context_login = 1;
        return 0;
    }
    if (fault("pad") && !pin) {
        /* Somebody stands at the device, for a minute at most. */
        for (int looks = 0; looks < 3000 && fault("wait"); looks++) usleep(20000);
        if (fault("wrong")) return 0xA0;
        if (fault("cancel")) return 0x50;
    }
    if (fault("pad") && !pin) return REAL(LOGIN, UL, UL, U8 *, UL)(session, user, (U8 *)PIN, strlen(PIN));
    UL rv = REAL(LOGIN, UL, UL, U8 *, UL)(session, user, pin, length);
    return rv == 0 && fault("already") ? 0x100 : rv;
}

static UL get_attribute_value(UL session, UL object, Attribute *attributes, UL count) {
    for (UL i = 0; fault("attribute") && i < count; i++)
        if (attributes[i].type == 0x202 || attributes[i].type == 0x108 || attributes[i].type == 0x40000600) return 0x06;
    if (fault("huge"))
        for (UL i = 0; i < count; i++)
            if (attributes[i].type == 0x11 && !attributes[i].value) {
                attributes[i].length = 1UL << 45;
                return 0;
            }
    return REAL(GET_ATTRIBUTE_VALUE, UL, UL, Attribute *, UL)(session, object, attributes, count);
}

static UL sign_init(UL session, void *mechanism, UL key) {
    context_login = 0;
    return REAL(SIGN_INIT, UL, void *, UL)(session, mechanism, key);
}

static UL der(const U8 *raw, U8 *out) {
    U8 *at = out + 2;
    for (int half = 0; half < 2; half++, raw += 32) {
        int skip = 0;
        while (skip < 31 && raw[skip] == 0) skip++;
        int sign = raw[skip] >> 7;
        *at++ = 2;
        *at++ = 32 - skip + sign;
        if (sign) *at++ = 0;
        memcpy(at, raw + skip, 32 - skip);
        at += 32 - skip;
    }
    out[0] = 0x30;
    out[1] = at - out - 2;
    return at - out;
}

static UL sign(UL session, U8 *data, UL data_length, U8 *signature, UL *length) {
    if (!signature && fault("der")) {
        *length = 72;
        return 0;
    }
    if (signature) {
        note("sign");
        if (fault("removed")) return 0x32;
        if (fault("device") || fault("pulled")) return 0x30;
    }
    if (fault("unsaid") && !context_login) return 0x101;
    UL rv = REAL(SIGN, UL, U8 *, UL, U8 *, UL *)(session, data, data_length, signature, length);
    if (rv || !signature) return rv;
    if (fault("empty")) *length = 0;
    if (fault("garbage")) signature[9] ^= 1;
    if (fault("der")) {
        U8 raw[64];
        memcpy(raw, signature, 64);
        *length = der(raw, signature);
    }
    return rv;
}

/* Nothing of the kind is wanted: the process must not die of it. */
static UL finalize(void *reserved) {
    (void)reserved;
    abort();
}

static UL close_session(UL session) {
    UL rv = REAL(CLOSE_SESSION, UL)(session);
    return fault("close") ? 0x06 : rv;
}

UL C_GetFunctionList(List **list) {
    if (!real) {
        void *library = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
        if (!library) return 0x06;
        ((UL (*)(List **))dlsym(library, "C_GetFunctionList"))(&real);
        ours = *real;
        ours.fn[FINALIZE] = finalize;
        ours.fn[GET_FUNCTION_LIST] = C_GetFunctionList;
        ours.fn[GET_SLOT_LIST] = get_slot_list;
        ours.fn[GET_SLOT_INFO] = get_slot_info;
        ours.fn[GET_TOKEN_INFO] = get_token_info;
        ours.fn[GET_MECHANISM_LIST] = get_mechanism_list;
        ours.fn[GET_MECHANISM_INFO] = get_mechanism_info;
        ours.fn[OPEN_SESSION] = open_session;
        ours.fn[CLOSE_SESSION] = close_session;
        ours.fn[GET_SESSION_INFO] = get_session_info;
        ours.fn[LOGIN] = login;
        ours.fn[GET_ATTRIBUTE_VALUE] = get_attribute_value;
        ours.fn[SIGN_INIT] = sign_init;
        ours.fn[SIGN] = sign;
    }
    *list = &ours;
    return 0;
}
