/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
a_new_secret_is_zeroed_and_has_a_nul_behind_it(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(secret) secret = { 0 };

	assert_int_equal(secret_alloc(33, &secret, NULL), NOTAR_OK);
	assert_int_equal(secret.len, 33);
	for (size_t i = 0; i <= 33; i++)
		assert_int_equal(secret.ptr[i], 0);
}

static void
copies_are_equal_and_differences_are_seen(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(secret) a = { 0 };
	NOTAR_AUTO_OF(secret) b = { 0 };
	NOTAR_AUTO_OF(secret) c = { 0 };
	NOTAR_AUTO_OF(secret) longer = { 0 };

	assert_int_equal(secret_copy(span_str("pass"), &a, NULL), NOTAR_OK);
	assert_int_equal(secret_copy(span_str("pass"), &b, NULL), NOTAR_OK);
	assert_int_equal(secret_copy(span_str("pasS"), &c, NULL), NOTAR_OK);
	assert_int_equal(secret_copy(span_str("passx"), &longer, NULL), NOTAR_OK);
	assert_true(secret_equal(&a, &b));
	assert_false(secret_equal(&a, &c));
	assert_false(secret_equal(&a, &longer));
	assert_string_equal((const char *)secret_borrow(&a).ptr, "pass");
}

static void
empty_secrets_are_allowed_and_equal(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(secret) a = { 0 };
	NOTAR_AUTO_OF(secret) zeroed = { 0 };

	assert_int_equal(secret_copy((struct span){ 0 }, &a, NULL), NOTAR_OK);
	assert_true(secret_equal(&a, &zeroed));
	secret_release(&zeroed);
}

static void
absorbing_wipes_the_source(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(secret) a = { 0 };
	uint8_t source[] = { 1, 2, 3 };

	assert_int_equal(secret_absorb(source, sizeof(source), &a, NULL), NOTAR_OK);
	assert_int_equal(source[0] | source[1] | source[2], 0);
	assert_int_equal(a.ptr[2], 3);
}

static void
releasing_forgets_the_pointer(void **state)
{
	(void)state;
	struct secret a = { 0 };

	assert_int_equal(secret_copy(span_str("x"), &a, NULL), NOTAR_OK);
	secret_release(&a);
	assert_null(a.ptr);
	assert_int_equal(a.len, 0);
}

static void
sizes_that_cannot_be_are_no_memory(void **state)
{
	(void)state;
	struct secret a = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(secret_alloc(SIZE_MAX, &a, &err), NOTAR_E_NOMEM);
	assert_int_equal(secret_alloc(SIZE_MAX - 1, &a, &err), NOTAR_E_NOMEM);
	assert_null(a.ptr);
}

/* Runs in a child; its exit status is the answer. */
static int
status_of(void (*child)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		child();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
read_behind_the_end(void)
{
	const struct rlimit none = { 0, 0 };
	struct secret a = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGSEGV, SIG_DFL);
	if (secret_alloc(15, &a, NULL) != NOTAR_OK)
		_exit(9);
	/* The allocation, its NUL included, ends where the guard page starts. */
	_exit(*(volatile uint8_t *)(a.ptr + 16) == 0 ? 7 : 8);
}

static void
reading_behind_a_secret_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(status_of(read_behind_the_end), 128 + SIGSEGV);
}

static void
harden_and_look(void)
{
	struct rlimit limit = { 1, 1 };

	secret_harden_process();
	if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
		_exit(1);
	_exit(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 42 : 2);
}

static void
a_hardened_process_leaves_no_core_and_cannot_be_traced(void **state)
{
	(void)state;
	assert_int_equal(status_of(harden_and_look), 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_secret_is_zeroed_and_has_a_nul_behind_it),
		cmocka_unit_test(copies_are_equal_and_differences_are_seen),
		cmocka_unit_test(empty_secrets_are_allowed_and_equal),
		cmocka_unit_test(absorbing_wipes_the_source),
		cmocka_unit_test(releasing_forgets_the_pointer),
		cmocka_unit_test(sizes_that_cannot_be_are_no_memory),
		cmocka_unit_test(reading_behind_a_secret_ends_the_process),
		cmocka_unit_test(a_hardened_process_leaves_no_core_and_cannot_be_traced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
