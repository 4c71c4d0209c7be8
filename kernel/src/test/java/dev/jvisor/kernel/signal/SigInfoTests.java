// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Signals;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

/** Layouts of siginfo_t; offsets are offsetof(siginfo_t, …) of glibc on x86-64. */
class SigInfoTests {

    private static byte[] bytes(SigInfo info) {
        byte[] b = new byte[SigInfo.SIZE + 8];
        Arrays.fill(b, (byte) 0xee);
        info.write(b, 4);
        assertThat(b[3]).isEqualTo((byte) 0xee);
        assertThat(b[SigInfo.SIZE + 4]).isEqualTo((byte) 0xee);
        return Arrays.copyOfRange(b, 4, SigInfo.SIZE + 4);
    }

    @Test
    void userSignalHasPidAndUid() {
        byte[] b = bytes(SigInfo.user(10, 1234, -2));
        assertThat(LittleEndian.getInt(b, 0)).isEqualTo(10);
        assertThat(LittleEndian.getInt(b, 4)).isZero();
        assertThat(LittleEndian.getInt(b, 8)).isEqualTo(Signals.SI_USER);
        assertThat(LittleEndian.getInt(b, 16)).isEqualTo(1234);
        assertThat(LittleEndian.getInt(b, 20)).isEqualTo(-2);
        for (int i = 24; i < SigInfo.SIZE; i++) {
            assertThat(b[i]).isZero();
        }
    }

    @Test
    void childSignalHasStatusAndTimes() {
        byte[] b = bytes(SigInfo.child(Signals.CLD_KILLED, 5, 6, -1, 7, 8));
        assertThat(LittleEndian.getInt(b, 0)).isEqualTo(Signals.SIGCHLD);
        assertThat(LittleEndian.getInt(b, 8)).isEqualTo(Signals.CLD_KILLED);
        assertThat(LittleEndian.getInt(b, 16)).isEqualTo(5);
        assertThat(LittleEndian.getInt(b, 20)).isEqualTo(6);
        assertThat(LittleEndian.getInt(b, 24)).isEqualTo(-1);
        assertThat(LittleEndian.getInt(b, 28)).isZero();
        assertThat(LittleEndian.getLong(b, 32)).isEqualTo(7);
        assertThat(LittleEndian.getLong(b, 40)).isEqualTo(8);
    }

    @Test
    void faultHasAddress() {
        byte[] b = bytes(SigInfo.fault(Signals.SIGSEGV, Signals.SEGV_ACCERR, 0x7fff12345678L));
        assertThat(LittleEndian.getLong(b, 16)).isEqualTo(0x7fff12345678L);
    }

    @Test
    void timerHasIdOverrunAndValue() {
        byte[] b = bytes(SigInfo.timer(34, 3, 9, 0x1122334455667788L, null, 0));
        assertThat(LittleEndian.getInt(b, 8)).isEqualTo(Signals.SI_TIMER);
        assertThat(LittleEndian.getInt(b, 16)).isEqualTo(3);
        assertThat(LittleEndian.getInt(b, 20)).isEqualTo(9);
        assertThat(LittleEndian.getLong(b, 24)).isEqualTo(0x1122334455667788L);
    }

    @Test
    void pollHasBandAndDescriptor() {
        byte[] b = bytes(SigInfo.poll(Signals.SIGIO, Signals.POLL_IN, 0x41, 17));
        assertThat(LittleEndian.getLong(b, 16)).isEqualTo(0x41);
        assertThat(LittleEndian.getInt(b, 24)).isEqualTo(17);
    }

    @Test
    void seccompHasAddressCallAndArchitecture() {
        byte[] b = bytes(SigInfo.sys(Signals.SIGSYS, 2, 1, 0x401000, 39, 0xc000003e));
        assertThat(LittleEndian.getInt(b, 4)).isEqualTo(2);
        assertThat(LittleEndian.getLong(b, 16)).isEqualTo(0x401000);
        assertThat(LittleEndian.getInt(b, 24)).isEqualTo(39);
        assertThat(LittleEndian.getInt(b, 28)).isEqualTo(0xc000003e);
    }

    @Test
    void whatAGuestQueuesComesBackUnchangedExceptTheNumber() {
        byte[] b = new byte[SigInfo.SIZE];
        for (int i = 0; i < SigInfo.USED_SIZE; i++) {
            b[i] = (byte) (i + 1);
        }
        LittleEndian.putInt(b, 12, 0); // padding
        byte[] expected = b.clone();
        LittleEndian.putInt(expected, 0, 40);
        assertThat(bytes(SigInfo.read(b, 0, 40))).isEqualTo(expected);
    }
}
