// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Mman.MAP_ANONYMOUS;
import static dev.jvisor.platform.abi.Mman.MAP_PRIVATE;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.Mman.PROT_WRITE;
import static dev.jvisor.platform.abi.Signals.SA_RESTORER;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.procfs.ProcFilesystemType;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestContexts;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An init process and an ordinary one with a stack; no thread runs them. */
abstract class SignalTestCase {

    static final int STACK_SIZE = 64 * 1024;
    static final long HANDLER = 0x401000;
    static final long RESTORER = 0x402000;

    TestProcesses processes;
    Task init;
    Task task;
    RecordedContext context;
    long stack;

    @BeforeEach
    void makeProcesses() throws ErrnoException {
        processes = new TestProcesses();
        processes.mountRoot(new ProcFilesystemType(processes.kernel()).mount(""));
        init = processes.newProcess("init", Credentials.ROOT);
        task = processes.newProcess("test", user(1000));
        context = new RecordedContext();
        TestContexts.attach(task, context);
        stack = task.memory()
                .mmap(0, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, null, 0);
        context.registers().rsp = stack + STACK_SIZE / 2;
        context.registers().origRax = -1;
    }

    @AfterEach
    void endProcesses() throws Exception {
        processes.close();
    }

    static Credentials user(int uid) {
        return Credentials.of(uid, uid, new int[0], 0);
    }

    void catchSignal(int signal, int flags) throws ErrnoException {
        SignalActions.exchange(
                task, signal, new SignalAction(HANDLER, flags | SA_RESTORER, RESTORER, 0));
    }

    void ignore(int signal) throws ErrnoException {
        SignalActions.exchange(task, signal, new SignalAction(SignalAction.SIG_IGN, 0, 0, 0));
    }

    SignalState state() {
        return task.signals();
    }

    GroupSignals group() {
        return task.threadGroup().signals();
    }

    void send(int signal) {
        Signals.sendToGroup(task.threadGroup(), SigInfo.user(signal, 1, 0));
    }
}
