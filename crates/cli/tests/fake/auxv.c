/* Whether the vDSO is the same wherever one asks for it: a way and 1 or 0 a line. */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

static unsigned long words[128];

static void tell(const char *name, long bytes)
{
    int found = bytes <= 0 ? -1 : 0;
    for (int i = 0; i + 1 < 128 && words[i]; i += 2)
        if (words[i] == AT_SYSINFO_EHDR)
            found = words[i + 1] == getauxval(AT_SYSINFO_EHDR);
    printf("%s %d\n", name, found);
    memset(words, 0, sizeof words);
}

int main(void)
{
    FILE *file = fopen("/proc/self/auxv", "r");
    tell("proc", file ? (long)fread(words, 1, sizeof words, file) : -1);
    /* PR_GET_AUXV, since Linux 6.4 */
    tell("prctl", prctl(0x41555856, words, sizeof words, 0, 0));
    return 0;
}
