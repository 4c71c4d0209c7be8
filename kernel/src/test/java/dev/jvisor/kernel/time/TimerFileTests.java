// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.procfs.ProcFilesystemType;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.TimeConstants;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimerFileTests {

    private static final long MILLI = 1_000_000;

    private TestProcesses processes;
    private Task task;
    private TimerFile file;

    @BeforeEach
    void make() throws ErrnoException {
        processes = new TestProcesses();
        processes.mountRoot(new ProcFilesystemType(processes.kernel()).mount(""));
        task = processes.newProcess("init", Credentials.ROOT);
        file = TimerFile.create(processes.kernel(), TimeConstants.CLOCK_MONOTONIC, true);
    }

    @AfterEach
    void end() throws Exception {
        processes.close();
    }

    private long read() throws ErrnoException {
        byte[] b = new byte[8];
        assertThat(file.read(task, IovIter.of(b, 0, 8))).isEqualTo(8);
        return LittleEndian.getLong(b, 0);
    }

    private void awaitExpiry() throws InterruptedException {
        for (int i = 0; i < 5000 && file.poll() == 0; i++) {
            Thread.sleep(1);
        }
        assertThat(file.poll()).isEqualTo(Poll.POLLIN | Poll.POLLRDNORM);
    }

    @Test
    void unarmedTimerHasNothingToRead() {
        assertThat(file.remaining()).isZero();
        assertThatThrownBy(this::read).isSameAs(Errno.EAGAIN.exception());
        assertThatThrownBy(() -> file.read(task, IovIter.of(new byte[7], 0, 7)))
                .isSameAs(Errno.EINVAL.exception());
    }

    @Test
    void singleExpiryIsReadOnce() throws Exception {
        file.set(2 * MILLI, 0, false);
        awaitExpiry();
        assertThat(read()).isEqualTo(1);
        assertThatThrownBy(this::read).isSameAs(Errno.EAGAIN.exception());
        assertThat(file.remaining()).isZero();
    }

    @Test
    void periodsAreCountedWhileNobodyReads() throws Exception {
        long begin = processes.kernel().clocks().monotonicNanos();
        file.set(2 * MILLI, 2 * MILLI, false);
        awaitExpiry();
        Thread.sleep(20);
        // It rests until somebody asks.
        assertThat(processes.kernel().timerQueue().size()).isZero();
        long ticks = read();
        long passed = processes.kernel().clocks().monotonicNanos() - begin;
        assertThat(ticks).isBetween(9L, passed / (2 * MILLI));
        assertThat(file.remaining()).isBetween(1L, 2 * MILLI);
        awaitExpiry();
        assertThat(read()).isPositive();
    }

    @Test
    void timeInThePastExpiresAtOnce() throws Exception {
        file.set(1, 0, true);
        awaitExpiry();
        assertThat(read()).isEqualTo(1);
    }

    @Test
    void settingForgetsExpirationsAndReleaseDisarms() throws Exception {
        file.set(1, 0, true);
        awaitExpiry();
        file.set(3_600_000 * MILLI, 0, false);
        assertThat(file.poll()).isZero();
        assertThat(processes.kernel().timerQueue().size()).isEqualTo(1);
        file.release();
        assertThat(processes.kernel().timerQueue().size()).isZero();
    }
}
