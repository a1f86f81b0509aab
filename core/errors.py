"""The errors a rule may raise: a code, an HTTP status and one Chinese sentence, for page and API alike."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A refusal a user must read; `errors` names the fields at fault, if any."""

    code = "invalid"
    status = 400
    default_message = "提交的内容有误，请检查后再试。"

    def __init__(self, message: str = "", *, errors: Mapping[str, Sequence[str]] | None = None) -> None:
        self.message = message or self.default_message
        self.errors: dict[str, list[str]] = {name: list(texts) for name, texts in (errors or {}).items()}
        super().__init__(self.message)

    def as_dict(self) -> dict[str, object]:
        """The one error shape of the API: code, message, errors by field."""
        return {"code": self.code, "message": self.message, "errors": self.errors}


class Invalid(DomainError):
    """The input breaks a rule (400)."""


class NotAllowed(DomainError):
    """Inside the person's scope, but not theirs to do (403)."""

    code = "forbidden"
    status = 403
    default_message = "您没有办理此事的权限。"


class NotFound(DomainError):
    """Outside the person's scope, or not there at all: the same answer for both (404)."""

    code = "not_found"
    status = 404
    default_message = "没有找到您要的内容。"


class WrongMoment(DomainError):
    """The action isn't open (any more): a colleague was faster, or the window is closed (409)."""

    code = "conflict"
    status = 409
    default_message = "当前状态下不能这样办理，请刷新后再看。"


class Stale(DomainError):
    """The form was filled from an older version of the record (412)."""

    code = "stale"
    status = 412
    default_message = "这条记录已被他人修改，请查看新内容后再保存。"


class TooLarge(DomainError):
    """The upload is larger than allowed (413)."""

    code = "too_large"
    status = 413
    default_message = "文件太大，无法上传。"


class WrongType(DomainError):
    """The upload isn't of a kind that is accepted here (415)."""

    code = "wrong_type"
    status = 415
    default_message = "不支持这种文件。"


class StorageFull(DomainError):
    """The storage took no more bytes; nothing was kept (507)."""

    code = "storage_full"
    status = 507
    default_message = "服务器存储空间不足，文件没有保存，请联系系统管理员。"
