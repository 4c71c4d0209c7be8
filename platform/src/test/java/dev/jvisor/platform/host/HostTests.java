// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

class HostTests {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void syscallReturnsTheKernelsAnswer() {
        assertThat(Host.syscall(Sys.GETPID, 0, 0, 0))
                .isEqualTo(ProcessHandle.current().pid());
        assertThat(Host.syscall(Sys.CLOSE, -1, 0, 0)).isEqualTo(-Errno.EBADF.number);
        assertThat(Host.syscall(100_000, 0, 0, 0)).isEqualTo(-Errno.ENOSYS.number);
        assertThat(Host.syscall(-1, 0, 0, 0)).isEqualTo(-Errno.ENOSYS.number);
    }

    @Test
    void allSixArgumentsArriveInOrder() {
        NativeBuffer buffer = NativeBuffer.scratch();
        buffer.putLong(0, 0x1122334455667788L);
        // process_vm_readv(pid, local, 1, remote, 1, 0) with both vectors in the buffer
        long pid = HostProcess.getpid();
        buffer.putLong(64, buffer.address() + 16);
        buffer.putLong(72, 8);
        buffer.putLong(80, buffer.address());
        buffer.putLong(88, 8);
        long address = buffer.address();
        assertThat(Host.syscall(Sys.PROCESS_VM_READV, pid, address + 64, 1, address + 80, 1, 0))
                .isEqualTo(8);
        assertThat(buffer.getLong(16)).isEqualTo(0x1122334455667788L);
        assertThat(Host.syscall(Sys.PROCESS_VM_READV, pid, address + 64, 1, address + 80, 1, 1))
                .isEqualTo(-Errno.EINVAL.number);
    }

    @Test
    void checkThrowsTheErrno() {
        assertThatThrownBy(() -> Host.check(-2))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(Errno.ENOENT));
    }

    @Test
    void bufferChecksItsBounds() {
        NativeBuffer buffer = NativeBuffer.allocate(16);
        buffer.putLong(8, 42);
        assertThat(buffer.getLong(8)).isEqualTo(42);
        assertThatThrownBy(() -> buffer.getLong(9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.putCString(0, new byte[16]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        buffer.free();
        assertThatThrownBy(() -> buffer.getLong(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void spawnedProgramHasItsArgumentsAndDescriptors() throws Exception {
        NativeBuffer buffer = NativeBuffer.scratch();
        Host.check(Host.syscall(Sys.PIPE2, buffer.address(), 0x80000, 0));
        int reader = buffer.getInt(0);
        int writer = buffer.getInt(4);
        byte[][] argv = {bytes("sh"), bytes("-c"), bytes("echo $V $0 >&7; exit 3"), bytes("zero")};
        byte[][] environment = {bytes("V=value")};
        int pid = HostProcess.spawn(bytes("/bin/sh"), argv, environment, new int[] {writer, 7});
        Host.syscall(Sys.CLOSE, writer, 0, 0);
        assertThat(HostProcess.wait4(pid, buffer.address(), 0)).isEqualTo(pid);
        assertThat(buffer.getInt(0)).isEqualTo(3 << 8);
        long count = Host.syscall(Sys.READ, reader, buffer.address(), 100);
        byte[] text = new byte[(int) count];
        buffer.get(0, text, 0, text.length);
        assertThat(new String(text, StandardCharsets.ISO_8859_1)).isEqualTo("value zero\n");
        Host.syscall(Sys.CLOSE, reader, 0, 0);
    }

    @Test
    void spawnedProgramMayBeADescriptorAndStartsWithDefaultSignals() throws Exception {
        NativeBuffer buffer = NativeBuffer.scratch();
        Host.check(Host.syscall(Sys.PIPE2, buffer.address(), 0x80000, 0));
        int reader = buffer.getInt(0);
        int writer = buffer.getInt(4);
        long path = buffer.putCString(0, bytes("/bin/grep"));
        int program = (int) Host.check(Host.syscall(Sys.OPEN, path, 0x80000, 0));
        byte[][] argv = {bytes("grep"), bytes("^Sig[BI]"), bytes("/proc/self/status")};
        int pid = HostProcess.spawnOpen(program, argv, new byte[0][], new int[] {writer, 1});
        Host.syscall(Sys.CLOSE, writer, 0, 0);
        Host.syscall(Sys.CLOSE, program, 0, 0);
        assertThat(HostProcess.wait4(pid, buffer.address(), 0)).isEqualTo(pid);
        long count = Host.syscall(Sys.READ, reader, buffer.address(), 1000);
        byte[] text = new byte[(int) count];
        buffer.get(0, text, 0, text.length);
        assertThat(new String(text, StandardCharsets.ISO_8859_1))
                .isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
        Host.syscall(Sys.CLOSE, reader, 0, 0);
    }

    @Test
    void descriptorThatIsNotOpenFailsTheSpawn() {
        byte[][] argv = {bytes("true")};
        assertThatThrownBy(() -> HostProcess.spawn(
                        bytes("/bin/true"), argv, new byte[0][], new int[] {9999, 5}))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(Errno.EBADF));
    }

    @Test
    void spawnOfWhatIsNotThereIsEnoent() {
        byte[][] none = {};
        assertThatThrownBy(() -> HostProcess.spawn(bytes("/no/such"), none, none, new int[0]))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(Errno.ENOENT));
    }

    @Test
    void affinityIsTheOneSet() throws ErrnoException {
        long[] before = HostProcess.affinity(0);
        long[] one = new long[HostProcess.CPU_MASK_WORDS];
        one[0] = Long.lowestOneBit(before[0]);
        assertThat(HostProcess.setAffinity(0, one)).isZero();
        assertThat(HostProcess.affinity(0)).isEqualTo(one);
        HostProcess.setAffinity(0, before);
    }

    @Test
    void hostInfoKnowsTheMachine() {
        assertThat(HostInfo.machine()).isEqualTo("x86_64");
        assertThat(HostInfo.pageSize()).isEqualTo(4096);
        assertThat(HostInfo.cpusOnline()).isPositive();
        assertThat(HostInfo.kernelRelease()).isEqualTo(System.getProperty("os.version"));
    }
}
