// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.signal.SignalState;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Signals;

/** Processes that no guest has forked: the first one and those that {@code exec} adds. */
public final class ProcessStarter {

    private ProcessStarter() {}

    /** See {@link Kernel#startProcess}. */
    public static ThreadGroup start(Kernel kernel, ProcessSpec spec) throws ErrnoException {
        Task task = create(kernel, spec);
        FirstProgram first = new FirstProgram(spec);
        TaskLoop loop = new TaskLoop(task, first);
        if (!loop.start()) {
            loop.abandon();
            throw Errno.EAGAIN.exception();
        }
        first.await();
        return task.threadGroup();
    }

    /** Makes a process, leader of a session of its own, that no thread runs yet. */
    static Task create(Kernel kernel, ProcessSpec spec) throws ErrnoException {
        Pid pid = kernel.tasks().allocate();
        ThreadGroup group =
                new ThreadGroup(kernel, pid, new GroupSignals(new SignalHandlers()), spec.limits);
        group.exitSignal = Signals.SIGCHLD;
        group.exitListener = spec.exitListener;
        TaskSpec taskSpec =
                new TaskSpec(new SignalState(group.signals()), kernel.initialNamespaces());
        taskSpec.credentials = spec.credentials;
        taskSpec.files = spec.files;
        taskSpec.fs = spec.fs;
        taskSpec.name = "init";
        Task task = new Task(kernel, pid, group, taskSpec);
        RankedLock tree = kernel.taskTree();
        tree.lock();
        try {
            pid.task = task;
            group.addTaskLocked(task);
            group.setLeader(task);
            TaskIds.newSessionLocked(group);
            pid.threadGroup = group;
            if (pid.number() == 1) {
                pid.namespace().init = group;
            }
        } finally {
            tree.unlock();
        }
        group.updateCpuLimit();
        if (spec.terminal != null) {
            spec.terminal.attach(task.session());
        }
        return task;
    }
}
