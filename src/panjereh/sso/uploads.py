"""Take an uploaded file into memory and nowhere else; what is too large is not kept."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest


class InMemory(FileUploadHandler):
    """Reads on past the limit without keeping, so that the browser gets an answer and no reset."""

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self._most = most

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept, self._size = BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size <= self._most:
            self._kept.write(raw_data)
        else:
            self._kept = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._kept.seek(0)
        return InMemoryUploadedFile(
            self._kept, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
