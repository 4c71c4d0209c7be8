// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.sysfs;

import static dev.jvisor.kernel.procfs.ProcReader.errnoOf;
import static dev.jvisor.kernel.procfs.ProcReader.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.procfs.MachineInfo;
import dev.jvisor.kernel.procfs.ProcReader;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nproc, lscpu and the C library look for; Linux's answers to writers. */
class SysTreeTests {

    private TestProcesses processes;
    private Task task;

    @BeforeEach
    void start() throws ErrnoException {
        processes = new TestProcesses();
        MachineInfo machine = new MachineInfo().setCpus(6);
        processes.mountRoot(new SysFilesystemType(processes.kernel(), machine).mount());
        task = processes.newProcess("init", Credentials.ROOT);
    }

    @AfterEach
    void stop() throws Exception {
        processes.close();
    }

    @Test
    void processorsAreThoseOfTheMachine() throws ErrnoException {
        assertThat(read(task, "/devices/system/cpu/online")).isEqualTo("0-5\n");
        assertThat(read(task, "/devices/system/cpu/possible")).isEqualTo("0-5\n");
        assertThat(read(task, "/devices/system/cpu/offline")).isEqualTo("\n");
        assertThat(read(task, "/devices/system/cpu/cpu5/topology/thread_siblings"))
                .isEqualTo("20\n");
        assertThat(read(task, "/devices/system/cpu/cpu0/topology/core_siblings"))
                .isEqualTo("3f\n");
        assertThat(ProcReader.list(task, "/devices/system/cpu", 3))
                .extracting(ProcReader.Entry::name)
                .contains("cpu0", "cpu5")
                .doesNotContain("cpu6");
    }

    @Test
    void linksAreRelativeAndLeadSomewhere() throws ErrnoException {
        assertThat(Vfs.readlink(task, null, "/class/net/lo"))
                .isEqualTo("../../devices/virtual/net/lo");
        assertThat(read(task, "/class/net/lo/mtu")).isEqualTo("65536\n");
    }

    @Test
    void attributesHaveTheSizeOfAPageAndCannotBeWritten() throws ErrnoException {
        FileStatus status = new FileStatus();
        String path = "/devices/system/cpu/online";
        Vfs.stat(task, Vfs.resolve(task, null, path, 0), status);
        assertThat(status.size).isEqualTo(4096);
        assertThat(errnoOf(() -> ProcReader.open(task, path, Fcntl.O_WRONLY)))
                .isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> ProcReader.open(task, "/new", Fcntl.O_CREAT)))
                .isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> Vfs.mkdir(task, null, "/new", 0777))).isEqualTo(Errno.EPERM);
    }
}
