// Reads of known numbers from known functions.
#include <chrono>
#include <cstdio>

namespace work {
template <class T> struct Worker {
    T times;
    __attribute__((noinline)) long busy()
    {
        long sum = 0;
        for (T i = 0; i < times; i++)
            sum += std::chrono::steady_clock::now().time_since_epoch().count() & 1;
        return sum;
    }
};

__attribute__((noinline)) long date(int n)
{
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum += std::chrono::system_clock::now().time_since_epoch().count() & 1;
    return sum;
}
}

int main()
{
    work::Worker<int> worker{5000};
    std::printf("%d\n", worker.busy() + work::date(300) >= 0);
}
