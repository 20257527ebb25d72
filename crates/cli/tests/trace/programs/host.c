/* Loads a library, lets it read the clock, and unloads it before the end. */
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words) {
    (void)count;
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(words[1], RTLD_NOW);
        if (!library) { puts(dlerror()); return 1; }
        long (*plugged)(int) = (long (*)(int))dlsym(library, "plugged");
        plugged(100);
        dlclose(library);
    }
    return 0;
}
