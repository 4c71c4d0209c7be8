// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGALRM;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGRTMIN;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGTERM;
import static dev.jvisor.platform.abi.Signals.SIGTSTP;
import static dev.jvisor.platform.abi.Signals.SIGUSR1;
import static dev.jvisor.platform.abi.Signals.SIGUSR2;
import static dev.jvisor.platform.abi.Signals.SI_KERNEL;
import static dev.jvisor.platform.abi.Signals.SI_QUEUE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Resource;

import org.junit.jupiter.api.Test;

class SignalsTests extends SignalTestCase {

    @Test
    void ignoredSignalIsDroppedUnlessItIsBlocked() throws ErrnoException {
        ignore(SIGUSR1);
        send(SIGUSR1);
        send(SIGCHLD); // ignored by default
        assertThat(group().pendingSet()).isZero();
        state().setBlocked(SignalSet.bit(SIGUSR1) | SignalSet.bit(SIGCHLD));
        send(SIGUSR1);
        send(SIGCHLD);
        assertThat(group().pendingSet()).isEqualTo(state().blocked());
        assertThat(state().isPending()).isFalse();
    }

    @Test
    void ignoringASignalDropsPendingOnes() throws ErrnoException {
        state().setBlocked(SignalSet.bit(SIGUSR1));
        send(SIGUSR1);
        Signals.sendToTask(task, SigInfo.kernel(SIGUSR1));
        assertThat(SignalDelivery.pending(task)).isEqualTo(SignalSet.bit(SIGUSR1));
        ignore(SIGUSR1);
        assertThat(SignalDelivery.pending(task)).isZero();
    }

    @Test
    void caughtSignalWakesTheThread() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        send(SIGUSR1);
        assertThat(state().isPending()).isTrue();
        assertThat(task.hasPendingSignal()).isTrue();
        state().setBlocked(SignalSet.bit(SIGUSR1));
        assertThat(state().isPending()).isFalse();
        state().setBlocked(0);
        assertThat(state().isPending()).isTrue();
    }

    @Test
    void fatalSignalEndsTheProcessAtOnce() {
        send(SIGTERM);
        assertThat(task.threadGroup().isExiting()).isTrue();
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGTERM);
    }

    @Test
    void signalThatDumpsWaitsForDelivery() {
        send(SIGSEGV);
        assertThat(task.threadGroup().isExiting()).isFalse();
        SignalDelivery.deliver(task);
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGSEGV);
    }

    @Test
    void killReachesAThreadThatBlocksEverything() {
        state().setBlocked(-1L);
        assertThat(state().blocked() & SignalSet.UNBLOCKABLE).isZero();
        send(SIGKILL);
        assertThat(task.threadGroup().groupExitStatus()).isEqualTo(SIGKILL);
    }

    @Test
    void initIsImmuneAgainstWhatItDoesNotCatch() {
        Signals.sendToGroup(init.threadGroup(), SigInfo.user(SIGTERM, 5, 0));
        Signals.sendToGroup(init.threadGroup(), SigInfo.user(SIGKILL, 5, 0));
        assertThat(init.threadGroup().isExiting()).isFalse();
        assertThat(init.threadGroup().signals().pendingSet()).isZero();
        Signals.sendFromOutside(init.threadGroup(), SigInfo.user(SIGKILL, 0, 0));
        assertThat(init.threadGroup().isExiting()).isTrue();
    }

    @Test
    void initDiesOfItsOwnFault() {
        Signals.force(init, SigInfo.fault(SIGSEGV, 1, 0), false);
        SignalDelivery.fault(init, faultTrap());
        assertThat(init.threadGroup().signals().isUnkillable()).isFalse();
    }

    private static Trap faultTrap() {
        Trap trap = new Trap();
        trap.kind = Trap.Kind.FAULT;
        trap.signal = SIGSEGV;
        trap.code = SI_KERNEL;
        return trap;
    }

    @Test
    void stopAndContinueForgetEachOther() throws ErrnoException {
        catchSignal(SIGCONT, 0);
        state().setBlocked(SignalSet.bit(SIGCONT) | SignalSet.bit(SIGTSTP));
        send(SIGTSTP);
        send(SIGCONT);
        assertThat(group().pendingSet()).isEqualTo(SignalSet.bit(SIGCONT));
        send(SIGTSTP);
        assertThat(group().pendingSet()).isEqualTo(SignalSet.bit(SIGTSTP));
    }

    @Test
    void processSignalGoesToAThreadThatDoesNotBlockIt() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        catchSignal(SIGUSR2, 0);
        Task other = processes.newThread(task);
        state().setBlocked(SignalSet.bit(SIGUSR1));
        send(SIGUSR1);
        assertThat(state().isPending()).isFalse();
        assertThat(other.signals().isPending()).isTrue();
        // A thread that has something to do already is passed over, unless there is no other.
        send(SIGUSR2);
        assertThat(state().isPending()).isTrue();
    }

    @Test
    void threadThatBlocksASignalHandsItOn() throws ErrnoException {
        catchSignal(SIGUSR1, 0);
        Task other = processes.newThread(task);
        send(SIGUSR1);
        assertThat(state().isPending()).isTrue();
        assertThat(other.signals().isPending()).isFalse();
        state().setBlocked(SignalSet.bit(SIGUSR1));
        assertThat(other.signals().isPending()).isTrue();
    }

    @Test
    void permissionIsByUserOrSessionOrCapability() throws ErrnoException {
        Task same = processes.newProcess("same", user(1000));
        Task stranger = processes.newProcess("stranger", user(2000));
        Signals.kill(same, task.tid(), 0);
        Signals.kill(init, task.tid(), 0);
        assertError(Errno.EPERM, () -> Signals.kill(stranger, task.tid(), SIGTERM));
        assertError(Errno.EPERM, () -> Signals.kill(stranger, task.tid(), SIGCONT));
        assertError(Errno.ESRCH, () -> Signals.kill(stranger, 9999, SIGTERM));
        assertError(Errno.ESRCH, () -> Signals.kill(stranger, Integer.MIN_VALUE, SIGTERM));
        assertError(Errno.EINVAL, () -> Signals.kill(stranger, task.tid(), 65));
        assertError(Errno.EINVAL, () -> Signals.kill(stranger, task.tid(), -1));
        assertError(Errno.ESRCH, () -> Signals.kill(stranger, -task.tid() - 100, SIGTERM));
        assertThat(task.threadGroup().isExiting()).isFalse();
    }

    @Test
    void everybodyMeansAllButInitAndTheCaller() throws ErrnoException {
        Task other = processes.newProcess("other", user(1000));
        Task stranger = processes.newProcess("stranger", user(2000));
        Signals.kill(task, -1, SIGTERM);
        assertThat(other.threadGroup().isExiting()).isTrue();
        assertThat(stranger.threadGroup().isExiting()).isFalse();
        assertThat(task.threadGroup().isExiting()).isFalse();
        assertThat(init.threadGroup().isExiting()).isFalse();
    }

    @Test
    void threadSignalNeedsTheRightProcess() throws ErrnoException {
        Task thread = processes.newThread(task);
        SigInfo info = SigInfo.tkill(SIGALRM, 1, 0);
        assertError(Errno.ESRCH, () -> Signals.sendToThread(task, init.tid(), thread.tid(), info));
        thread.signals().setBlocked(SignalSet.bit(SIGALRM));
        Signals.sendToThread(task, task.tid(), thread.tid(), info);
        assertThat(thread.signals().pendingSet()).isEqualTo(SignalSet.bit(SIGALRM));
        assertThat(state().pendingSet()).isZero();
    }

    @Test
    void queueOfRealTimeSignalsHasALimit() throws ErrnoException {
        task.threadGroup().limits().set(Resource.RLIMIT_SIGPENDING, 3, 3);
        state().setBlocked(-1L);
        byte[] b = new byte[SigInfo.USED_SIZE];
        LittleEndian.putInt(b, 8, SI_QUEUE);
        for (int i = 0; i < 3; i++) {
            LittleEndian.putLong(b, 24, i);
            Signals.sendToProcess(task, task.tid(), SigInfo.read(b, 0, SIGRTMIN));
        }
        assertError(
                Errno.EAGAIN,
                () -> Signals.sendToProcess(task, task.tid(), SigInfo.read(b, 0, SIGRTMIN)));
        send(SIGRTMIN); // kill(2) is not refused: it arrives without information
        for (int i = 0; i < 3; i++) {
            SigInfo taken = SignalDelivery.takeNow(task, ~SignalSet.bit(SIGRTMIN));
            assertThat(taken).isNotNull();
            assertThat(taken.value()).isEqualTo(i);
        }
        assertThat(SignalDelivery.takeNow(task, 0)).isNull();
        Signals.sendToProcess(task, task.tid(), SigInfo.read(b, 0, SIGRTMIN));
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static void assertError(Errno errno, Call call) {
        assertThatThrownBy(call::run).isSameAs(errno.exception());
    }
}
