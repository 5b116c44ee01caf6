/*
 * What Windows knows about a window, by its handle in decimal as the last argument: "gone", or its properties and its
 * title, one a line. A program of its own, because Node has no functions for windows.
 */
#define UNICODE
#include <windows.h>

static char title[100];

static void say(const char *text) {
  DWORD written;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, lstrlenA(text), &written, NULL);
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "\n", 1, &written, NULL);
}

static HWND window_of(const char *words) {
  ULONG_PTR handle = 0;
  const char *digit = words + lstrlenA(words);
  while (digit > words && digit[-1] >= '0' && digit[-1] <= '9') digit--;
  for (; *digit != 0; digit++) handle = 10 * handle + (*digit - '0');
  return (HWND)handle;
}

void start(void) {
  const HWND window = window_of(GetCommandLineA());
  DWORD_PTR answer;
  if (!IsWindow(window)) {
    say("gone");
    ExitProcess(0);
  }
  const LONG_PTR style = GetWindowLongPtrW(window, GWL_EXSTYLE);
  if (style & WS_EX_TOPMOST) say("topmost");
  if (style & WS_EX_APPWINDOW) say("on the taskbar");
  if (IsWindowVisible(window)) say("visible");
  /* As a dialog's owner it must take messages. */
  if (SendMessageTimeoutW(window, WM_NULL, 0, 0, SMTO_BLOCK, 5000, &answer) != 0) say("answers");
  GetWindowTextA(window, title, sizeof title);
  say(title);
  ExitProcess(0);
}
