// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.ipc.SemaphoreSet.Operation;
import dev.jvisor.kernel.procfs.ProcFilesystemType;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

import java.util.List;

/** Semaphores against a plain array: operations of a call happen all or not at all. */
final class SemaphoreProperties {

    private static final int COUNT = 3;
    private static final long SECONDS = 1;

    private static TestProcesses processes;

    @BeforeContainer
    static void start() throws ErrnoException {
        processes = new TestProcesses();
        processes.mountRoot(new ProcFilesystemType(processes.kernel()).mount(""));
    }

    @AfterContainer
    static void stop() throws Exception {
        processes.close();
    }

    @Provide
    Arbitrary<List<List<Operation>>> calls() {
        Arbitrary<Operation> operation = Combinators.combine(
                        Arbitraries.integers().between(0, COUNT - 1),
                        Arbitraries.integers().between(-4, 4),
                        Arbitraries.of(true, false))
                .as((number, change, undo) -> new Operation(number, change, true, undo));
        return operation.list().ofMinSize(1).ofMaxSize(5).list().ofMaxSize(30);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void callsAreAtomicAndUndone(@ForAll("calls") List<List<Operation>> calls)
            throws ErrnoException {
        Task task = processes.newProcess("sem", Credentials.ROOT);
        SemaphoreTable table = new SemaphoreTable(new IpcLimits());
        int id = table.get(task, 1, COUNT, IpcTable.IPC_CREAT | 0600);
        int[] model = new int[COUNT];
        int[] undo = new int[COUNT];
        for (List<Operation> call : calls) {
            int[] after = model.clone();
            int[] undoAfter = undo.clone();
            boolean possible = true;
            for (Operation op : call) {
                possible &= op.change() == 0
                        ? after[op.number()] == 0
                        : after[op.number()] + op.change() >= 0;
                if (!possible) {
                    break;
                }
                after[op.number()] += op.change();
                undoAfter[op.number()] -= op.undo() ? op.change() : 0;
            }
            assertThat(succeeds(table, task, id, call)).isEqualTo(possible);
            if (possible) {
                model = after;
                undo = undoAfter;
            }
            assertThat(table.values(task, id)).isEqualTo(model);
        }
        table.processEnded(task.threadGroup(), SECONDS);
        for (int i = 0; i < COUNT; i++) {
            model[i] = Math.max(model[i] + undo[i], 0);
        }
        assertThat(table.values(task, id)).isEqualTo(model);
        table.remove(task, id);
        processes.exit(task);
        processes.reap(task);
    }

    private static boolean succeeds(SemaphoreTable table, Task task, int id, List<Operation> call) {
        try {
            table.operate(task, id, call.toArray(new Operation[0]), Long.MAX_VALUE);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
