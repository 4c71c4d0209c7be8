// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostProcess;

import org.jspecify.annotations.Nullable;

/**
 * Starts stub processes from a thread that lives as long as the platform: the host kernel tells a
 * process of its parent's death (PR_SET_PDEATHSIG) when the <em>thread</em> that made it ends.
 * Forked stubs have the same parent as the first one.
 */
final class StubSpawner implements Runnable {

    // Guarded by this.
    private @Nullable Thread thread;
    private byte @Nullable [][] arguments;
    private int[] descriptors = {};
    private int program;
    private int pid;
    private @Nullable ErrnoException failure;
    private boolean answered;
    private boolean closed;

    /** As {@link HostProcess#spawnOpen}. */
    synchronized int spawn(int fd, byte[][] argv, int[] pairs) throws ErrnoException {
        if (thread == null) {
            thread = new Thread(null, this, "jvisor-stubs", 256 * 1024, false);
            thread.setDaemon(true);
            thread.start();
        }
        boolean interrupted = false;
        while (arguments != null && !closed) {
            interrupted |= pause();
        }
        program = fd;
        arguments = argv;
        descriptors = pairs;
        answered = false;
        notifyAll();
        while (!answered && !closed) {
            interrupted |= pause();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        arguments = null;
        notifyAll();
        if (!answered) {
            throw Errno.EAGAIN.exception();
        }
        ErrnoException failed = failure;
        if (failed != null) {
            throw failed;
        }
        return pid;
    }

    /** Returns whether the thread was interrupted meanwhile. */
    private boolean pause() {
        try {
            wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    @Override
    public synchronized void run() {
        while (!closed) {
            byte[][] argv = arguments;
            if (argv == null || answered) {
                pause();
                continue;
            }
            failure = null;
            try {
                pid = HostProcess.spawnOpen(program, argv, new byte[0][], descriptors);
            } catch (ErrnoException e) {
                failure = e;
            }
            answered = true;
            notifyAll();
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
