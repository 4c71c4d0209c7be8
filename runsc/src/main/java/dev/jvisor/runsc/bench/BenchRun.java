// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/** One start of a bundle's program under a runner. */
final class BenchRun {

    private static final int TIMEOUT_SECONDS = 120;

    private BenchRun() {}

    /** Runs a program that prints one little-endian long, and returns that. */
    static long result(Runner runner, byte[] program) throws IOException, InterruptedException {
        try (BenchBundle bundle = BenchBundle.create(program)) {
            Process process = start(runner, bundle);
            try (DataInputStream output = new DataInputStream(process.getInputStream())) {
                long value = Long.reverseBytes(output.readLong());
                finish(process, bundle);
                return value;
            } catch (EOFException e) {
                process.destroyForcibly();
                throw new IOException("no result: " + complaint(bundle));
            }
        }
    }

    /** Runs a bundle to its program's end; the wall time from outside, in nanoseconds. */
    static long wallNanos(Runner runner, BenchBundle made)
            throws IOException, InterruptedException {
        try (BenchBundle bundle = made) {
            long start = System.nanoTime();
            Process process = builder(runner, bundle)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            finish(process, bundle);
            return System.nanoTime() - start;
        }
    }

    /** Looks at a program's process tree while it sleeps. */
    interface Observation {
        double observe(long pid) throws IOException, InterruptedException;
    }

    /** Runs a program that prints one byte and then sleeps, observes it, and ends it. */
    static double idle(Runner runner, byte[] program, Observation observation)
            throws IOException, InterruptedException {
        try (BenchBundle bundle = BenchBundle.create(program)) {
            Process process = start(runner, bundle);
            try {
                if (process.getInputStream().read() < 0) {
                    throw new IOException("no result: " + complaint(bundle));
                }
                return observation.observe(process.pid());
            } finally {
                end(process);
            }
        }
    }

    private static Process start(Runner runner, BenchBundle bundle) throws IOException {
        return builder(runner, bundle).start();
    }

    private static ProcessBuilder builder(Runner runner, BenchBundle bundle) {
        return runner.process(bundle, "bench-" + Long.toHexString(System.nanoTime()));
    }

    private static void finish(Process process, BenchBundle bundle)
            throws IOException, InterruptedException {
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("timed out");
        }
        if (process.exitValue() != 0) {
            throw new IOException("exit status " + process.exitValue() + ": " + complaint(bundle));
        }
    }

    /**
     * A sleeping container ends by SIGTERM, which a runtime forwards; SIGKILL as the last resort.
     */
    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static String complaint(BenchBundle bundle) throws IOException {
        String text = Files.readString(bundle.errors()).strip();
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
