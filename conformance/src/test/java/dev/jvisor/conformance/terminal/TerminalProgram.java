// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.terminal;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostTty;
import dev.jvisor.platform.host.NativeBuffer;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program at a terminal of this machine, with somebody who types and looks at the screen. */
final class TerminalProgram implements AutoCloseable {

    static final int ROWS = 24;
    static final int COLUMNS = 80;
    private static final int BUFFER_BYTES = 4096;

    private final int master;
    private final Process process;
    private final Thread reader = new Thread(this::read, "terminal");
    private final byte[] initialSettings = new byte[36];

    // Guarded by this.
    private final Screen screen = new Screen(ROWS, COLUMNS);
    private long lastChangeNanos = System.nanoTime();

    TerminalProgram(List<String> command, Map<String, String> environment) throws IOException {
        try {
            master = HostFiles.open("/dev/ptmx", Fcntl.O_RDWR | Fcntl.O_NOCTTY | Fcntl.O_CLOEXEC);
            HostTty.set(master, Ioctls.TIOCSPTLCK, new byte[4]);
            byte[] number = new byte[4];
            HostTty.get(master, Ioctls.TIOCGPTN, number);
            setSize(ROWS, COLUMNS);
            HostTty.get(master, Ioctls.TCGETS, initialSettings);
            File slave = new File("/dev/pts/" + LittleEndian.getInt(number, 0));
            List<String> line = new ArrayList<>(List.of("setsid", "--ctty", "--wait"));
            line.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.redirectInput(slave).redirectOutput(slave).redirectError(slave);
            process = builder.start();
        } catch (ErrnoException e) {
            throw new IOException("terminal: " + e.errno);
        }
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);
        byte[] bytes = new byte[BUFFER_BYTES];
        for (; ; ) {
            int n;
            try {
                n = (int) HostFiles.read(master, buffer.address(), BUFFER_BYTES);
            } catch (ErrnoException e) {
                return; // the last process is gone
            }
            buffer.get(0, bytes, 0, n);
            synchronized (this) {
                screen.show(bytes, n);
                lastChangeNanos = System.nanoTime();
                notifyAll();
            }
        }
    }

    void type(String keys) throws ErrnoException {
        byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = NativeBuffer.scratch();
        buffer.put(0, bytes, 0, bytes.length);
        synchronized (this) {
            lastChangeNanos = System.nanoTime();
        }
        HostFiles.write(master, buffer.address(), bytes.length);
    }

    void resize(int rows, int columns) throws ErrnoException {
        synchronized (this) {
            screen.resize(rows, columns);
            lastChangeNanos = System.nanoTime();
        }
        setSize(rows, columns);
    }

    private void setSize(int rows, int columns) throws ErrnoException {
        byte[] size = new byte[8];
        LittleEndian.putShort(size, 0, rows);
        LittleEndian.putShort(size, 2, columns);
        HostTty.set(master, Ioctls.TIOCSWINSZ, size);
    }

    /** Waits until the screen contains a text and has not changed for a while; returns it. */
    synchronized String settled(String text, int quietMillis, int limitSeconds)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
        long quiet = TimeUnit.MILLISECONDS.toNanos(quietMillis);
        for (; ; ) {
            long now = System.nanoTime();
            boolean there = screen.toString().contains(text);
            if (now > end || there && now - lastChangeNanos > quiet) {
                return screen.toString();
            }
            TimeUnit.NANOSECONDS.timedWait(this, 20_000_000);
        }
    }

    /** Waits until the screen is as expected; returns what it is in the end. */
    synchronized String becomes(String expected, int limitSeconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
        while (!screen.toString().equals(expected) && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.timedWait(this, 100_000_000);
        }
        return screen.toString();
    }

    /** Waits for its end; returns the status, -1 if it does not end. */
    int status(int limitSeconds) throws InterruptedException {
        return process.waitFor(limitSeconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    /** Whether the terminal has the settings it had at first. */
    boolean hasInitialSettings() throws ErrnoException {
        byte[] now = new byte[initialSettings.length];
        HostTty.get(master, Ioctls.TCGETS, now);
        return Arrays.equals(now, initialSettings);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
            reader.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        HostFiles.close(master);
    }
}
