public class Main {
    static long nanos(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) sum += System.nanoTime() & 1;
        return sum;
    }

    static long date(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) sum += System.currentTimeMillis() & 1;
        return sum;
    }

    public static void main(String[] words) {
        System.out.println(nanos(20_000) + date(10_000) >= 0);
    }
}
